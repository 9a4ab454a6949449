#include <unistd.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <random>
#include <set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "sink/bell.h"
#include "sink/kafka_producer.h"
#include "sink/kafka_settings.h"
#include "sink/kafka_sink.h"
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

// What says that this very frame will never be taken, when it went alone.
bool is_refusal(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return true;
    default:
      return false;
  }
}

// What says that the broker and this producer do not agree any more on what was sent. librdkafka
// calls some of these fatal, and goes on for ever with others.
bool is_end_of_producer(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
      return true;
    default:
      return false;
  }
}

class KafkaShipper final : public KafkaSink {
 public:
  KafkaShipper(std::string name, const KafkaOptions& options, const asio::any_io_executor& executor,
               Feed& feed)
      : name_(std::move(name)),
        options_(options),
        executor_(executor),
        feed_(feed),
        bell_(executor),
        round_bytes_(std::max<std::size_t>(1, round_bytes(options))),
        random_(std::random_device{}()) {}

  Status reload() override;
  asio::awaitable<void> run() override;
  void stop() override;
  const KafkaCounters& counters() const noexcept override { return counters_; }
  const std::string& trouble() const noexcept override { return trouble_; }

 private:
  // A producer and what waits for its events.
  struct Line {
    Line(std::unique_ptr<KafkaProducer> made, const asio::any_io_executor& executor)
        : producer(std::move(made)), events(executor, ::dup(producer->event_fd())) {}
    std::unique_ptr<KafkaProducer> producer;
    asio::posix::stream_descriptor events;  // a copy of the descriptor, which Asio closes
    bool is_old = false;                    // gets nothing more
  };

  asio::awaitable<void> watch(std::shared_ptr<Line> line);
  asio::awaitable<void> send_round(std::deque<KafkaMessage> messages);
  asio::awaitable<void> send(KafkaMessage message);
  asio::awaitable<void> resend();
  asio::awaitable<void> send_again();
  void spawn(asio::awaitable<void> coroutine);
  void take_report(Line& line, KafkaMessage message, rd_kafka_resp_err_t error);
  void acknowledge(const buffer::FrameHeader& header);
  void flush_acknowledged();
  void reject(const KafkaMessage& message, const std::string& why);
  void take_fatal(Line& line, const std::string& why);
  void note_trouble(const std::string& why);
  bool is_full() const noexcept {
    return held_bytes_ >= options_.in_flight_bytes || held_frames_ >= options_.in_flight_frames;
  }

  const std::string name_;
  const KafkaOptions options_;
  const asio::any_io_executor executor_;
  Feed& feed_;
  KafkaCounters counters_;
  Bell bell_;
  std::shared_ptr<Line> current_;
  std::set<std::shared_ptr<Line>> lines_;  // that are watched; they go with their last report
  std::uint64_t round_ = 0;                // the last one
  std::size_t round_left_ = 0;             // messages of it without a report
  std::size_t round_bytes_;                // smaller, once a broker has found one too large
  std::uint64_t halved_round_ = 0;
  std::minstd_rand random_;
  std::deque<KafkaMessage> again_;
  SteadyClock::time_point again_at_{};
  unsigned bad_rounds_ = 0;
  std::size_t held_bytes_ = 0;
  std::size_t held_frames_ = 0;
  std::string trouble_;
  struct {
    buffer::Lane lane{};
    std::uint64_t first = 0;
    std::uint64_t last = 0;  // 0: nothing
  } run_;                    // frames acknowledged in a row, not yet told
  unsigned coroutines_ = 0;
  bool is_running_ = false;
  bool is_dead_ = false;  // the current producer has failed for good, and none could be made
  bool is_ended_ = false;
  bool is_stopped_ = false;
};

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

void KafkaShipper::take_report(Line& line, KafkaMessage message, rd_kafka_resp_err_t error) {
  if (message.round == round_ && round_left_ != 0) --round_left_;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    held_bytes_ -= message.frame.bytes.size();
    --held_frames_;
    counters_.acknowledged.add();
    acknowledge(*message.frame.header);
    bad_rounds_ = 0;
    if (!trouble_.empty()) {
      trouble_.clear();
      log(Level::info, "kafka takes events again", {{"output", name_}});
    }
    return;
  }
  if (is_refusal(error)) {
    if (message.is_alone) return reject(message, kafka_error_text(error));
    // The broker speaks of the batch that it was in: all of them again, in smaller ones.
    if (halved_round_ != message.round) round_bytes_ = std::max<std::size_t>(1, round_bytes_ / 2);
    halved_round_ = message.round;
    again_.push_back(std::move(message));
    return;
  }
  const bool is_ours =
      error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  if (again_.empty() && !is_ours) {
    auto longest = options_.retry_min;
    for (unsigned i = 0; i < bad_rounds_ && longest < options_.retry_max; ++i) longest *= 2;
    std::uniform_int_distribution<std::int64_t> pause(
        0, std::min(longest, std::max(options_.retry_min, options_.retry_max)).count());
    ++bad_rounds_;
    again_at_ = SteadyClock::now() + std::chrono::milliseconds(pause(random_));
    note_trouble(kafka_error_text(error));
  }
  again_.push_back(std::move(message));
  if (is_end_of_producer(error)) take_fatal(line, kafka_error_text(error));
}

void KafkaShipper::acknowledge(const buffer::FrameHeader& header) {
  if (run_.last != 0 && (header.lane != run_.lane || header.sequence != run_.last + 1)) {
    flush_acknowledged();
  }
  if (run_.last == 0) run_.first = header.sequence;
  run_.lane = header.lane;
  run_.last = header.sequence;
}

void KafkaShipper::flush_acknowledged() {
  if (run_.last != 0) feed_.acknowledge(run_.lane, run_.first, run_.last);
  run_.last = 0;
}

void KafkaShipper::reject(const KafkaMessage& message, const std::string& why) {
  held_bytes_ -= message.frame.bytes.size();
  --held_frames_;
  counters_.rejected.add();
  feed_.reject(*message.frame.header, message.frame.bytes, why);
  log(Level::warning, "a collector refuses an event for good", {{"output", name_}, {"why", why}});
}

void KafkaShipper::take_fatal(Line& line, const std::string& why) {
  if (line.is_old || is_dead_) return;
  counters_.fatal.add();
  log(Level::error, "a kafka producer failed for good; a new one takes its events",
      {{"output", name_}, {"why", why}});
  trouble_ = why;
  line.producer->give_up();
  const Status replaced = reload();
  // Files were broken since: the old one gives everything back, and this is tried again with that.
  is_dead_ = !replaced;
  if (!replaced) note_trouble(replaced.error().to_string());
}

void KafkaShipper::note_trouble(const std::string& why) {
  if (trouble_.empty()) {
    log(Level::warning, "kafka does not take events now; they are kept",
        {{"output", name_}, {"why", why}});
  }
  trouble_ = why;
}

void KafkaShipper::stop() {
  is_stopped_ = true;
  for (const std::shared_ptr<Line>& line : lines_) line->events.cancel();
  bell_.ring();
}

}  // namespace

Result<std::unique_ptr<KafkaSink>> make_kafka_sink(std::string name, const KafkaOptions& options,
                                                   const asio::any_io_executor& executor,
                                                   Feed& feed) {
  auto sink = std::make_unique<KafkaShipper>(std::move(name), options, executor, feed);
  Status made = sink->reload();
  if (!made) return Unexpected(std::move(made).error());
  return std::unique_ptr<KafkaSink>(std::move(sink));
}

}  // namespace sorrel::sink
