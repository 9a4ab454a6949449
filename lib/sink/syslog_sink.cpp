#include "sink/syslog_sink.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kTakeBytes = 128u << 10;
constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);
constexpr std::chrono::milliseconds kGoodBye{5'000};
constexpr std::chrono::milliseconds kLookAgain{100};

}  // namespace

asio::awaitable<StreamSink::Ended> SyslogSink::serve(Stream& stream) {
  window_.clear();
  has_peer_ended_ = false;
  is_serving_ = true;
  begin_reading(watch(stream));
  is_timing_ = true;
  asio::co_spawn(executor_, acknowledge_by_time(stream), [this](std::exception_ptr) {
    is_timing_ = false;
    bell_.ring();
  });
  buffer::FrameBatch batch;
  Ended ended = Ended::broken;
  for (;;) {
    const std::size_t allowed = co_await allowance();
    if (allowed == 0) break;
    const bool is_taken = co_await feed_.take(std::min(kTakeBytes, allowed), batch);
    // It has closed while there was nothing to send: what was taken is given again.
    if (!is_reading()) break;
    if (!is_taken) {
      ended = Ended::feed;
      break;
    }
    append(batch);
    const Status written = co_await stream.write(out_, options_.timeout);
    if (!written) {
      if (!is_stopped_) note_trouble(written.error().message);
      break;
    }
    slow_start_.spend(out_.size());
    remember(batch);
    if (!is_reading()) break;
    acknowledge_old(stream, std::chrono::steady_clock::now());
    if (stream.is_due()) {
      ended = Ended::by_us;
      break;
    }
  }
  // From here on the peer's end is no trouble.
  is_serving_ = false;
  bell_.ring();
  co_await end_reading(stream);
  if (ended != Ended::broken) {
    // A good-bye that is answered says that the peer has read everything. One that came before ours
    // says nothing.
    const bool is_first = !has_peer_ended_;
    const Status closed = co_await stream.close(kGoodBye);
    if (is_first && closed) acknowledge_all();
    if (!window_.empty() && ended == Ended::by_us) ended = Ended::broken;
  }
  while (is_timing_) co_await bell_.wait();
  co_return ended;
}

asio::awaitable<void> SyslogSink::watch(Stream& stream) {
  std::array<char, 512> bytes;
  for (;;) {
    const auto got = co_await stream.read_some(bytes, kForEver);
    if (got && *got != 0) continue;
    has_peer_ended_ = got.has_value() || got.error().code != std::errc::operation_canceled;
    if (!got) {
      if (is_serving_ && !is_stopped_) note_trouble(got.error().message);
      co_return;
    }
    if (is_serving_) note_trouble("the collector " + stream.peer() + " closed the connection");
    co_return;
  }
}

asio::awaitable<void> SyslogSink::acknowledge_by_time(const Stream& stream) {
  // A server that does not want us has said so long before this.
  const Time proven = std::chrono::steady_clock::now() + options_.replay_time;
  // The peer's end says that it may not have read the last of it: all that is left comes again.
  while (is_serving_ && is_reading()) {
    const Time now = std::chrono::steady_clock::now();
    if (now >= proven) note_delivery();
    acknowledge_old(stream, now);
    Time until = now < proven ? proven : Time::max();
    if (!window_.empty()) {
      const Time due = window_.front().at + options_.replay_time;
      until = std::min(until, std::max(due, now + kLookAgain));
    }
    co_await bell_.wait(until);
  }
}

void SyslogSink::append(const buffer::FrameBatch& batch) {
  out_.clear();
  std::size_t offset = 0;
  for (const buffer::FrameHeader& frame : batch.frames()) {
    format_.messages(frame, batch.bytes().substr(offset, frame.size_bytes),
                     [this](std::string_view message) {
                       out_ += std::to_string(message.size());
                       out_ += ' ';
                       out_ += message;
                     });
    offset += frame.size_bytes;
  }
}

void SyslogSink::remember(const buffer::FrameBatch& batch) {
  const bool was_empty = window_.empty();
  sent_bytes_ += out_.size();
  counters_.sent_bytes.add(out_.size());
  const buffer::FrameHeader& first = batch.frames().front();
  window_.push_back({.lane = first.lane,
                     .first = first.sequence,
                     .last = batch.frames().back().sequence,
                     .frames = batch.frames().size(),
                     .end_bytes = sent_bytes_,
                     .at = std::chrono::steady_clock::now()});
  if (was_empty) bell_.ring();
}

void SyslogSink::acknowledge_old(const Stream& stream, Time now) {
  // What has not even reached the peer's host is not delivered, however old it is: the network may
  // be gone. Over TLS these are more bytes than ours, which errs on the safe side.
  const std::uint64_t on_the_way = stream.unacknowledged_bytes();
  while (!window_.empty() && window_.front().end_bytes + on_the_way <= sent_bytes_) {
    const Sent& oldest = window_.front();
    const bool is_old = now - oldest.at >= options_.replay_time ||
                        sent_bytes_ - oldest.end_bytes >= options_.replay_bytes;
    if (!is_old) return;
    acknowledge(oldest);
    window_.pop_front();
  }
}

void SyslogSink::acknowledge_all() {
  for (const Sent& sent : window_) acknowledge(sent);
  window_.clear();
}

void SyslogSink::acknowledge(const Sent& sent) {
  note_delivery();
  feed_.acknowledge(sent.lane, sent.first, sent.last);
  counters_.acknowledged.add(sent.frames);
}

}  // namespace sorrel::sink
