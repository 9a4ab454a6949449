#include "sink/kafka_shipper.h"

#include <algorithm>
#include <exception>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "sink/kafka_settings.h"
#include "sink/parcel.h"

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

// Of one partition. The size leaves room for keys and headers.
std::size_t round_bytes(const KafkaOptions& options) {
  return std::min(kafka_request_bytes(options) * 3 / 4, options.in_flight_bytes / 2);
}

// So little that the partitions find something waiting when they are done.
std::size_t take_bytes(const KafkaOptions& options) {
  return std::max<std::size_t>(1, options.in_flight_bytes / 8);
}

}  // namespace

KafkaShipper::KafkaShipper(std::string name, const KafkaOptions& options,
                           const asio::any_io_executor& executor, Feed& feed)
    : name_(std::move(name)),
      options_(options),
      executor_(executor),
      feed_(feed),
      bell_(executor),
      round_bytes_(std::max<std::size_t>(1, round_bytes(options))),
      random_(std::random_device{}()) {}

Status KafkaShipper::reload() {
  Result<std::unique_ptr<KafkaProducer>> producer = KafkaProducer::create(options_);
  if (!producer) return Unexpected(std::move(producer).error());
  counters_.producers.add();
  if (current_) {
    current_->is_old = true;
    current_->events.cancel();  // its watcher looks whether it is done
  }
  current_ = std::make_shared<Line>(*std::move(producer), executor_);
  lines_.insert(current_);
  is_dead_ = false;
  if (is_running_) spawn(watch(current_));
  return Ok{};
}

void KafkaShipper::spawn(asio::awaitable<void> coroutine) {
  ++coroutines_;
  asio::co_spawn(executor_, std::move(coroutine), [this](const std::exception_ptr& escaped) {
    --coroutines_;
    if (escaped) log(Level::error, "a kafka output's coroutine failed", {{"output", name_}});
    bell_.ring();
  });
}

// The line is kept by the set, and by this coroutine.
asio::awaitable<void> KafkaShipper::watch(std::shared_ptr<Line> line) {
  KafkaProducer::Handlers handlers;
  handlers.report = [this, &line](KafkaMessage message, rd_kafka_resp_err_t error) {
    take_report(*line, std::move(message), error);
  };
  handlers.fatal = [this, &line](const std::string& why) { take_fatal(*line, why); };
  handlers.trouble = [this](const std::string& what) { note_trouble(what); };
  while (!is_stopped_) {
    line->producer->take_events(handlers);
    flush_acknowledged();
    send_rounds();
    bell_.ring();
    const bool is_done = line->producer->in_flight() == 0;
    if (is_done && (line->is_old || (is_ended_ && held_frames_ == 0))) break;
    co_await line->events.async_wait(asio::posix::stream_descriptor::wait_read, kNoThrow);
  }
  lines_.erase(line);
}

asio::awaitable<void> KafkaShipper::run() {
  is_running_ = true;
  spawn(watch(current_));
  spawn(resend());
  while (!is_stopped_) {
    if (is_full() || is_ended_ || !fit_tracks()) {
      if (is_ended_ && held_frames_ == 0) break;
      co_await bell_.wait();
      continue;
    }
    std::shared_ptr<buffer::FrameBatch> batch = spare_batch();
    const bool has_more = co_await feed_.take(take_bytes(options_), *batch);
    if (!has_more) {
      is_ended_ = true;
      continue;
    }
    enqueue(std::move(batch));
    send_rounds();
  }
  is_ended_ = true;
  for (const std::shared_ptr<Line>& line : lines_) line->events.cancel();
  bell_.ring();
  while (coroutines_ != 0) co_await bell_.wait();
  current_.reset();
}

// What was not delivered goes again, beside what is new.
asio::awaitable<void> KafkaShipper::resend() {
  while (!is_stopped_ && !(is_ended_ && held_frames_ == 0)) {
    if (again_.empty()) {
      co_await bell_.wait();
    } else {
      co_await send_again();
    }
  }
}

asio::awaitable<void> KafkaShipper::send_again() {
  while (!is_stopped_ && SteadyClock::now() < again_at_) co_await bell_.wait(again_at_);
  if (is_stopped_) co_return;
  if (is_dead_) {
    const Status made = reload();
    if (!made) note_trouble(made.error().to_string());
  }
  std::deque<KafkaMessage> all;
  all.swap(again_);
  // In the order in which they were taken, as far as it is known.
  std::stable_sort(all.begin(), all.end(), [](const KafkaMessage& a, const KafkaMessage& b) {
    return a.frame.header->sequence < b.frame.header->sequence;
  });
  counters_.retried.add(all.size());
  // Before all that waits: it is older.
  for (; !all.empty(); all.pop_back()) {
    KafkaMessage& message = all.back();
    message.track = current_->producer->partition_of(*message.frame.header, tracks_.size());
    tracks_[message.track].waiting.push_front(std::move(message));
  }
  send_rounds();
  bell_.ring();
}

void KafkaShipper::stop() {
  is_stopped_ = true;
  for (const std::shared_ptr<Line>& line : lines_) line->events.cancel();
  bell_.ring();
}

Result<std::unique_ptr<KafkaSink>> make_kafka_sink(std::string name, const KafkaOptions& options,
                                                   const asio::any_io_executor& executor,
                                                   Feed& feed) {
  auto sink = std::make_unique<KafkaShipper>(std::move(name), options, executor, feed);
  Status made = sink->reload();
  if (!made) return Unexpected(std::move(made).error());
  return std::unique_ptr<KafkaSink>(std::move(sink));
}

}  // namespace sorrel::sink
