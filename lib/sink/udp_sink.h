#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/counter.h"
#include "base/result.h"
#include "sink/bell.h"
#include "sink/endpoint.h"
#include "sink/feed.h"
#include "sink/syslog_format.h"
#include "sink/syslog_options.h"

namespace sorrel::sink {

struct UdpCounters {
  Counter acknowledged;  // frames that were sent; nobody says that they arrived
  Counter rejected;      // frames too long for a datagram, to the dead letters
  Counter sent_bytes;
  Counter refused;  // times that the other host said that nobody listens, or the network failed
};

// Syslog over UDP (RFC 5426): a datagram a message, unencrypted, and never acknowledged. What is
// lost on the way is not noticed; only a host that says that nobody listens on the port (ICMP) is,
// and what was just sent is then sent again. All on the executor's thread.
class UdpSink {
 public:
  // The feed outlives the sink. Errors: the address is none.
  static Result<std::unique_ptr<UdpSink>> create(std::string name, const UdpOptions& options,
                                                 const boost::asio::any_io_executor& executor,
                                                 Feed& feed);
  ~UdpSink();

  // Sends until the feed gives no more, or stop(). Once only.
  boost::asio::awaitable<void> run();
  void stop();

  const UdpCounters& counters() const noexcept { return counters_; }
  const std::string& trouble() const noexcept { return trouble_; }
  const std::string& peer() const noexcept { return peer_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Socket;

  UdpSink(std::string name, const UdpOptions& options, Endpoint endpoint,
          const boost::asio::any_io_executor& executor, Feed& feed);
  boost::asio::awaitable<Status> open();
  // The whole batch. Errors: a datagram was not taken, or one before it was refused.
  boost::asio::awaitable<Status> send(const buffer::FrameBatch& batch);
  boost::asio::awaitable<Status> send_frame(const buffer::FrameHeader& header,
                                            std::string_view bytes);
  void acknowledge(const buffer::FrameBatch& batch);
  boost::asio::awaitable<void> keep_pace();
  boost::asio::awaitable<void> wait_to_retry();
  void note_trouble(std::string why);
  void note_sent(Time now);

  const std::string name_;
  const UdpOptions options_;
  const Endpoint endpoint_;
  const boost::asio::any_io_executor executor_;
  Feed& feed_;
  Bell bell_;
  SyslogFormat format_;
  std::unique_ptr<Socket> socket_;
  std::vector<std::string> messages_;  // of the frame that is sent
  std::set<std::uint64_t> rejected_;   // of the batch that is sent
  UdpCounters counters_;
  std::string trouble_;
  std::string peer_;
  Time next_at_{};         // when the next datagram may go
  Time resolved_at_{};     // of the name
  Time good_since_{};      // of sends without an error
  unsigned failures_ = 0;  // in a row
  std::function<void()> abort_resolve_;
  bool is_stopped_ = false;
};

}  // namespace sorrel::sink
