#include <algorithm>
#include <utility>

#include "base/log.h"
#include "sink/kafka_shipper.h"

// What the kafka sink makes of reports and errors.
namespace sorrel::sink {
namespace {

using SteadyClock = std::chrono::steady_clock;

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

}  // namespace

void KafkaShipper::take_report(Line& line, KafkaMessage message, rd_kafka_resp_err_t error) {
  if (message.track < tracks_.size() && message.round == tracks_[message.track].round) {
    --tracks_[message.track].left;
  }
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

}  // namespace sorrel::sink
