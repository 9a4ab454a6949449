#include "sink/stream_sink.h"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "base/exception_text.h"
#include "base/log.h"

namespace sorrel::sink {

namespace asio = boost::asio;
namespace {

constexpr std::chrono::milliseconds kPause{50};  // of a slow start

}  // namespace

StreamSink::StreamSink(std::string name, const asio::any_io_executor& executor, Feed& feed,
                       Connector& connector)
    : name_(std::move(name)),
      executor_(executor),
      feed_(feed),
      connector_(connector),
      bell_(executor) {}

StreamSink::~StreamSink() = default;

asio::awaitable<void> StreamSink::run() {
  bool has_failed = false;
  while (!is_stopped_) {
    auto connected = co_await connector_.connect();
    if (!connected) {
      has_failed = true;
      if (!is_stopped_) note_trouble(connected.error().message);
      continue;
    }
    slow_start_.end();
    if (has_failed) slow_start_.begin(std::chrono::steady_clock::now());
    const std::unique_ptr<Stream> stream = *std::move(connected);
    stream_ = stream.get();
    peer_ = stream->peer();
    counters_.connections.add();
    feed_.rewind();
    has_delivered_ = false;
    const Ended ended = co_await serve(*stream);
    has_failed = ended != Ended::by_us;
    const bool is_orderly = ended == Ended::by_us || ended == Ended::feed;
    if (ended == Ended::broken || !has_delivered_) connector_.report(*stream, is_orderly);
    if (ended == Ended::broken) counters_.broken.add();
    stream_ = nullptr;
    peer_.clear();
    if (ended == Ended::feed) break;
  }
}

void StreamSink::stop() {
  is_stopped_ = true;
  connector_.abort();
  if (stream_ != nullptr) stream_->abort();
  bell_.ring();
}

asio::awaitable<std::size_t> StreamSink::allowance() {
  for (;;) {
    if (!is_reading_ || is_stopped_) co_return 0;
    const auto now = std::chrono::steady_clock::now();
    const std::size_t bytes = slow_start_.allowance(now);
    if (bytes != 0) co_return bytes;
    co_await bell_.wait(now + kPause);
  }
}

void StreamSink::begin_reading(asio::awaitable<void> coroutine) {
  is_reading_ = true;
  asio::co_spawn(executor_, read(std::move(coroutine)), [this](std::exception_ptr escaped) {
    if (!escaped) return;
    note_end_of_reading();
    log(Level::error, "an output's reader failed; its connection ends",
        {{"output", name_}, {"error", text_of(escaped)}});
    if (stream_ != nullptr) stream_->abort();
  });
}

asio::awaitable<void> StreamSink::read(asio::awaitable<void> coroutine) {
  co_await std::move(coroutine);
  note_end_of_reading();
}

void StreamSink::note_end_of_reading() {
  is_reading_ = false;
  feed_.interrupt();
  bell_.ring();
}

asio::awaitable<void> StreamSink::end_reading(Stream& stream) {
  stream.end_reads();
  while (is_reading_) co_await bell_.wait();
}

void StreamSink::note_trouble(std::string why) {
  if (why == trouble_) return;
  trouble_ = std::move(why);
  log(Level::warning, "an output cannot deliver; it tries again, and nothing is lost meanwhile",
      {{"output", name_}, {"error", trouble_}});
}

void StreamSink::note_delivery() {
  if (!has_delivered_ && stream_ != nullptr) connector_.report(*stream_, true);
  has_delivered_ = true;
  if (trouble_.empty()) return;
  trouble_.clear();
  log(Level::info, "an output delivers again", {{"output", name_}, {"peer", peer_}});
}

}  // namespace sorrel::sink
