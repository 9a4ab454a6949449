#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "config/options.h"
#include "sink/log_feed.h"

namespace sorrel::agent {

// What is known of an output to a collector, for status.
struct ShippedStatus {
  std::string name;
  std::string type;
  std::string state;    // "connected", "trying", "stopped"
  std::string peer;     // whom it talks to; may be empty
  std::string trouble;  // why nothing gets through; empty when all is well
  std::uint64_t acknowledged = 0;
  std::uint64_t rejected = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t lag = 0;  // frames that are not answered
  std::uint64_t gap_frames = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t dead_letters_dropped = 0;
  std::int64_t certificate_days = -1;  // until ours ends; -1: there is none
};

// An output to a collector with all that it needs: its feed from the buffer, its connections, its
// sink. On the reactor's thread.
class ShippedOutput {
 public:
  struct Place {
    buffer::Buffer* buffer = nullptr;
    std::size_t output = 0;  // in the buffer
    boost::asio::any_io_executor executor;
    boost::asio::any_io_executor disk;  // may block
    const Clock* clock = nullptr;
    std::string dead_letters;  // path
    sink::LogFeed::EncodeGap encode_gap;
  };

  virtual ~ShippedOutput() = default;
  // Errors: an option or a file that it names cannot be used.
  static Result<std::unique_ptr<ShippedOutput>> create(const config::OutputOptions& options,
                                                       Place place);

  virtual void start() = 0;
  // Nothing more is taken; what is under way is finished.
  virtual void finish() = 0;
  // Gives up what is under way.
  virtual void abort() = 0;
  // True once it runs no more.
  virtual bool has_ended() const = 0;
  // Every few seconds: certificates that have changed.
  virtual void refresh() = 0;
  virtual sink::LogFeed& feed() = 0;
  virtual ShippedStatus status() const = 0;
};

}  // namespace sorrel::agent
