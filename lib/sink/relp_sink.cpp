#include "sink/relp_sink.h"

#include <algorithm>
#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kTakeBytes = 128u << 10;
constexpr std::size_t kFlushBytes = 64u << 10;
constexpr std::chrono::milliseconds kGoodBye{1'000};
// A server answers each message by itself: read as they come, each would wake us. What was answered
// within so short a time is read at once, and a window is not held up by it.
constexpr std::chrono::milliseconds kGather{1};
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr int kOk = 200;

}  // namespace

std::uint32_t RelpSink::next_number() {
  number_ = number_ >= kMaxRelpNumber ? 1 : number_ + 1;
  return number_;
}

asio::awaitable<StreamSink::Ended> RelpSink::serve(Stream& stream) {
  flying_.clear();
  messages_flying_ = 0;
  in_.clear();
  number_ = 0;
  is_closing_ = is_ending_ = false;
  if (const Status greeted = co_await greet(stream); !greeted) {
    if (!is_stopped_) note_trouble(greeted.error().message);
    co_return Ended::broken;
  }
  begin_reading(read_answers(stream));
  Ended ended = Ended::broken;
  for (;;) {
    const std::size_t allowed = co_await allowance();
    if (allowed == 0) break;
    const std::shared_ptr<buffer::FrameBatch> batch = spare_batch();
    const bool is_taken = co_await feed_.take(std::min(kTakeBytes, allowed), *batch);
    if (!is_reading()) break;
    if (!is_taken) {
      ended = is_closing_ ? Ended::by_peer : Ended::feed;
      break;
    }
    slow_start_.spend(batch->bytes().size());
    const Status sent = co_await send(stream, batch);
    if (!sent) {
      if (!is_stopped_) note_trouble(sent.error().message);
      break;
    }
    if (is_closing_ || stream.is_due()) {
      ended = is_closing_ ? Ended::by_peer : Ended::by_us;
      break;
    }
  }
  // All that was sent is answered before we go.
  if (ended != Ended::broken && !co_await wait_for_answers(0)) ended = Ended::broken;
  is_ending_ = true;
  if (ended == Ended::by_us || ended == Ended::feed) {
    out_.clear();
    append_relp_frame(next_number(), "close", "", out_);
    const Status said = co_await flush(stream);
    // The server answers, and closes.
    const auto until = std::chrono::steady_clock::now() + kGoodBye;
    while (said && is_reading() && !is_stopped_ && std::chrono::steady_clock::now() < until) {
      co_await bell_.wait(until);
    }
    co_await end_reading(stream);
    if (said) static_cast<void>(co_await stream.close(kGoodBye));
  }
  co_await end_reading(stream);
  co_return ended;
}

asio::awaitable<Status> RelpSink::greet(Stream& stream) {
  out_.clear();
  append_relp_frame(next_number(), "open",
                    "relp_version=0\nrelp_software=sorrel," SORREL_VERSION "\ncommands=syslog\n",
                    out_);
  const Status sent = co_await flush(stream);
  if (!sent) co_return sent;
  std::array<char, 1024> bytes;
  for (;;) {
    const auto got = co_await stream.read_some(bytes, options_.timeout);
    if (!got) co_return Unexpected<Error>(got.error());
    if (*got == 0) {
      co_return fail(std::errc::connection_reset,
                     stream.peer() + " closed the connection instead of an answer to RELP's open");
    }
    in_.append(bytes.data(), *got);
    const auto frame = parse_relp_frame(in_);
    if (!frame) co_return Unexpected<Error>(frame.error());
    if (!*frame) continue;
    const bool is_good = (*frame)->command == "rsp" && relp_code((*frame)->data) == kOk;
    const std::string said((*frame)->data.substr(0, (*frame)->data.find('\n')));
    in_.erase(0, (*frame)->size);
    if (is_good) co_return Ok{};
    co_return fail(std::errc::protocol_error,
                   stream.peer() + " refuses to speak RELP with us: " + said);
  }
}

asio::awaitable<Status> RelpSink::send(Stream& stream,
                                       std::shared_ptr<const buffer::FrameBatch> batch) {
  out_.clear();
  std::size_t offset = 0;
  for (const buffer::FrameHeader& header : batch->frames()) {
    const std::string_view bytes = batch->bytes().substr(offset, header.size_bytes);
    offset += header.size_bytes;
    Flying flying{.header = header, .batch = batch, .bytes = bytes, .refusal = {}};
    format_.messages(header, bytes, [&](std::string_view message) {
      const std::uint32_t number = next_number();
      if (flying.count++ == 0) flying.first = number;
      append_relp_frame(number, "syslog", message, out_);
    });
    messages_flying_ += flying.count;
    flying_.push_back(std::move(flying));
    const bool is_full = messages_flying_ >= options_.window;
    if (!is_full && out_.size() < kFlushBytes) continue;
    const Status flushed = co_await flush(stream);
    if (!flushed) co_return flushed;
    if (is_full && !co_await wait_for_answers(options_.window / 2)) {
      co_return fail(std::errc::timed_out, stream.peer() + " does not acknowledge");
    }
  }
  co_return co_await flush(stream);
}

asio::awaitable<Status> RelpSink::flush(Stream& stream) {
  if (out_.empty()) co_return Ok{};
  counters_.sent_bytes.add(out_.size());
  const Status written = co_await stream.write(out_, options_.timeout);
  out_.clear();
  co_return written;
}

asio::awaitable<bool> RelpSink::wait_for_answers(std::size_t most) {
  std::size_t before = messages_flying_;
  auto until = std::chrono::steady_clock::now() + options_.timeout;
  while (messages_flying_ > most) {
    if (!is_reading() || is_stopped_) co_return false;
    co_await bell_.wait(until);
    const auto now = std::chrono::steady_clock::now();
    if (messages_flying_ != before) {
      before = messages_flying_;
      until = now + options_.timeout;
    } else if (now >= until) {
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> RelpSink::read_answers(Stream& stream) {
  constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365);
  asio::steady_timer gather(executor_);
  std::array<char, 16'384> bytes;
  bool has_read = false;
  for (;;) {
    if (const Status taken = take_answers(); !taken) {
      note_trouble(stream.peer() + ": " + taken.error().message);
      break;
    }
    if (has_read && messages_flying_ != 0) {
      gather.expires_after(kGather);
      static_cast<void>(co_await gather.async_wait(kNoThrow));
    }
    const auto got = co_await stream.read_some(bytes, kForEver);
    if (!got) {
      if (!is_ending_ && !is_stopped_) note_trouble(got.error().message);
      break;
    }
    if (*got == 0) {
      if (!is_ending_) note_trouble("the collector " + stream.peer() + " closed the connection");
      break;
    }
    in_.append(bytes.data(), *got);
    has_read = true;
  }
}

Status RelpSink::take_answers() {
  std::size_t at = 0;
  Status taken = Ok{};
  for (;;) {
    const auto frame = parse_relp_frame(std::string_view(in_).substr(at));
    if (!frame) taken = Unexpected<Error>(frame.error());
    if (!frame || !*frame) break;
    take_answer(**frame);
    at += (*frame)->size;
  }
  in_.erase(0, at);
  flush_acknowledged();
  bell_.ring();
  return taken;
}

void RelpSink::take_answer(const RelpFrame& frame) {
  if (frame.command == "serverclose") {
    is_closing_ = true;
    feed_.interrupt();
  }
  if (frame.command != "rsp") return;
  // Servers answer in order: it is nearly always the first.
  for (Flying& flying : flying_) {
    const std::uint32_t behind = frame.number - flying.first;
    if (behind >= flying.count) continue;
    ++flying.answered;
    if (messages_flying_ > 0) --messages_flying_;
    if (relp_code(frame.data) != kOk) {
      flying.refusal = std::string(frame.data.substr(0, frame.data.find('\n')));
    }
    break;
  }
  while (!flying_.empty() && flying_.front().answered >= flying_.front().count) {
    finish(flying_.front());
    flying_.pop_front();
  }
}

void RelpSink::finish(Flying& flying) {
  const buffer::FrameHeader& header = flying.header;
  note_delivery();
  if (flying.refusal.empty()) {
    counters_.acknowledged.add();
    if (run_.last != 0 && (header.lane != run_.lane || header.sequence != run_.last + 1)) {
      flush_acknowledged();
    }
    if (run_.last == 0) run_.first = header.sequence;
    run_.lane = header.lane;
    run_.last = header.sequence;
  } else {
    counters_.rejected.add();
    feed_.reject(header, flying.bytes, flying.refusal);
  }
}

void RelpSink::flush_acknowledged() {
  if (run_.last != 0) feed_.acknowledge(run_.lane, run_.first, run_.last);
  run_.last = 0;
}

std::shared_ptr<buffer::FrameBatch> RelpSink::spare_batch() {
  // A window's frames are in few batches, so that few are kept.
  for (const auto& batch : batches_) {
    if (batch.use_count() == 1) return batch;
  }
  return batches_.emplace_back(std::make_shared<buffer::FrameBatch>());
}

}  // namespace sorrel::sink
