#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "buffer/os_storage.h"
#include "config/options.h"
#include "pipeline/pipeline.h"
#include "sink/sink.h"
#include "sorreld/privileges.h"
#include "sorreld/reactor.h"
#include "sorreld/shipped_output.h"

namespace sorrel::agent {

// All outputs to collectors, and the buffer that they share. Made only when there are some.
class Shipping {
 public:
  // Says a gap in a format's words: the bytes of a frame.
  using EncodeGap = std::function<std::string(const std::string& output, buffer::Format format,
                                              const buffer::Gap& gap)>;

  // Opens the buffer and reads all files that outputs name, while there are privileges for it; what
  // it makes belongs to `account`. `node`: this host's name, for protocols that want one. Nothing
  // when no output ships. Errors: a folder, file or option cannot be used.
  static Result<std::unique_ptr<Shipping>> open(const config::Options& options,
                                                const std::optional<Account>& account,
                                                Reactor& reactor, const Clock& clock,
                                                const std::string& node, EncodeGap encode_gap);
  ~Shipping();

  // After privileges were dropped: threads begin, collectors are connected to.
  void start();
  // The pipeline's outputs: one a format, with a wish for each output.
  void add_outputs(std::vector<Output>& outputs) const;
  // On the reactor's thread, after Reactor::stop(): lets outputs deliver for a bounded time, ends
  // them, makes what is left durable.
  void stop();

  std::vector<ShippedStatus> outputs() const;
  const buffer::Buffer& buffer() const noexcept { return *buffer_; }

 private:
  // The pipeline's side of the buffer.
  class BufferSink final : public sink::Sink {
   public:
    explicit BufferSink(buffer::Buffer& buffer) : buffer_(buffer) {}
    sink::Answer write(const buffer::FrameBatch& batch) override {
      buffer_.append(batch);
      return sink::Answer::acknowledged;
    }

   private:
    buffer::Buffer& buffer_;
  };

  Shipping(Reactor& reactor, const Clock& clock) : reactor_(reactor), clock_(clock) {}
  void tell_feeds();

  Reactor& reactor_;
  const Clock& clock_;
  buffer::OsStorage storage_;
  std::vector<config::OutputOptions> options_;  // of those that ship
  std::vector<Wish> wishes_;                    // of the same
  Fd lock_;                                     // of the buffer
  std::unique_ptr<buffer::Buffer> buffer_;
  std::unique_ptr<BufferSink> sink_;
  boost::asio::thread_pool disk_{1};
  std::vector<std::unique_ptr<ShippedOutput>> outputs_;
  std::atomic<bool> is_told_{false};  // a look at the feeds is on its way
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace sorrel::agent
