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

// What is taken at once goes to librdkafka at once, and becomes one request for each partition;
// only then comes the next such round. An idempotent librdkafka has one request of more than five
// messages a partition under way at a time, and while more wait for that partition, its thread
// polls without a pause (2.0.2): a core at 100% for as long as a broker is frozen, and most of the
// CPU otherwise. The size leaves room for keys and headers.
std::size_t round_bytes(const KafkaOptions& options) {
  return std::min(kafka_request_bytes(options) * 3 / 4, options.in_flight_bytes / 2);
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
    if (is_full() || is_ended_) {
      if (is_ended_ && held_frames_ == 0) break;
      co_await bell_.wait();
      continue;
    }
    auto batch = std::make_shared<buffer::FrameBatch>();
    const bool has_more = co_await feed_.take(round_bytes_, *batch);
    if (!has_more) {
      is_ended_ = true;
      continue;
    }
    std::deque<KafkaMessage> messages;
    for (const Parcel& parcel : make_parcels(batch, SIZE_MAX, SIZE_MAX)) {
      for (const BulkFrame& frame : parcel.frames) {
        held_bytes_ += frame.bytes.size();
        ++held_frames_;
        KafkaMessage& message = messages.emplace_back();
        message.batch = batch;
        message.frame = frame;
      }
    }
    co_await send_round(std::move(messages));
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

// The round before has ended, or this is a part of it that is given again.
asio::awaitable<void> KafkaShipper::send_round(std::deque<KafkaMessage> messages) {
  while (!is_stopped_ && round_left_ != 0) co_await bell_.wait();
  ++round_;
  round_left_ = messages.size();
  const bool is_alone = messages.size() == 1;
  for (KafkaMessage& message : messages) {
    message.round = round_;
    message.is_alone = is_alone;
    co_await send(std::move(message));
  }
}

asio::awaitable<void> KafkaShipper::send(KafkaMessage message) {
  if (message.frame.bytes.size() > options_.max_message_bytes) {
    --round_left_;
    reject(message, kafka_error_text(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE));
    co_return;
  }
  while (!is_stopped_) {
    const rd_kafka_resp_err_t error = current_->producer->send(message);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      counters_.sent_bytes.add(message.frame.bytes.size());
      co_return;
    }
    if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      --round_left_;  // larger than max_message_bytes: librdkafka's own verdict, on this frame
                      // alone
      reject(message, kafka_error_text(error));
      co_return;
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {  // __FATAL: its event is on its way
      take_report(*current_, std::move(message), error);
      co_return;
    }
    counters_.queue_full.add();
    co_await bell_.wait();
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
  while (!all.empty() && !is_stopped_) {
    std::deque<KafkaMessage> part;
    std::size_t bytes = 0;
    while (!all.empty() &&
           (part.empty() || bytes + all.front().frame.bytes.size() <= round_bytes_)) {
      bytes += all.front().frame.bytes.size();
      part.push_back(std::move(all.front()));
      all.pop_front();
    }
    co_await send_round(std::move(part));
  }
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
