#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "buffer/frame.h"
#include "sink/stream_sink.h"
#include "sink/syslog_format.h"
#include "sink/syslog_options.h"

namespace sorrel::sink {

// Syslog over TLS (RFC 5425) or TCP (RFC 6587, octet counting). The protocol has no answers: what
// was written is believed delivered only after a replay window, see SyslogOptions, and even then
// the receiver may have lost it.
class SyslogSink final : public StreamSink {
 public:
  SyslogSink(std::string name, const SyslogOptions& options,
             const boost::asio::any_io_executor& executor, Feed& feed, Connector& connector)
      : StreamSink(std::move(name), executor, feed, connector),
        options_(options),
        format_(options.format) {}

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Sent {
    buffer::Lane lane;
    std::uint64_t first;
    std::uint64_t last;
    std::size_t frames;
    std::uint64_t end_bytes;  // of all bytes sent so far, with it
    Time at;
  };

  boost::asio::awaitable<Ended> serve(Stream& stream) override;
  // Reads until the peer closes; nothing is expected.
  boost::asio::awaitable<void> watch(Stream& stream);
  boost::asio::awaitable<void> acknowledge_by_time(const Stream& stream);
  void append(const buffer::FrameBatch& batch);
  void remember(const buffer::FrameBatch& batch);
  void acknowledge_old(const Stream& stream, Time now);
  void acknowledge_all();
  void acknowledge(const Sent& sent);

  const SyslogOptions options_;
  SyslogFormat format_;
  std::string out_;
  std::deque<Sent> window_;
  std::uint64_t sent_bytes_ = 0;
  bool is_serving_ = false;
  bool has_peer_ended_ = false;
  bool is_timing_ = false;
};

}  // namespace sorrel::sink
