#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.h"
#include "config/options.h"
#include "sink/feed.h"

namespace sorrel::sorrelctl {

// A sink to a collector of any type, with the connections that it needs, outside of sorreld.
class OutputSink {
 public:
  // The feed outlives it. Errors: an option or a file that it names cannot be used.
  static Result<std::unique_ptr<OutputSink>> create(const config::OutputOptions& output,
                                                    const boost::asio::any_io_executor& executor,
                                                    sink::Feed& feed);
  virtual ~OutputSink() = default;

  virtual boost::asio::awaitable<void> run() = 0;
  virtual void stop() = 0;
  // Why nothing gets through; empty: something does, or nothing was tried.
  virtual const std::string& trouble() const = 0;
  // Where it failed last, for people: DNS, TCP, proxy, TLS, answer; the protocol's name where no
  // steps are known.
  virtual std::string step() const = 0;
};

}  // namespace sorrel::sorrelctl
