#include <algorithm>
#include <utility>

#include "sink/kafka_shipper.h"
#include "sink/parcel.h"

// What goes to librdkafka when. An idempotent librdkafka has one request of more than five messages
// a partition under way at a time, and while more wait for that partition, its thread polls without
// a pause (2.0.2): a core at 100% for as long as a broker is frozen, and much of the CPU otherwise.
// So a partition is given what becomes one request, and nothing more until that has been answered.
namespace sorrel::sink {

void KafkaShipper::enqueue(std::shared_ptr<const buffer::FrameBatch> batch) {
  for (const Parcel& parcel : make_parcels(batch, SIZE_MAX, SIZE_MAX)) {
    for (const BulkFrame& frame : parcel.frames) {
      held_bytes_ += frame.bytes.size();
      ++held_frames_;
      KafkaMessage message;
      message.batch = batch;
      message.frame = frame;
      message.track = current_->producer->partition_of(*frame.header, tracks_.size());
      tracks_[message.track].waiting.push_back(std::move(message));
    }
  }
}

// One that no message is under way from: their memory, some 500 KiB each, is asked from the kernel
// only once.
std::shared_ptr<buffer::FrameBatch> KafkaShipper::spare_batch() {
  if (held_frames_ == 0) batches_.clear();
  for (const auto& batch : batches_) {
    if (batch.use_count() == 1) return batch;
  }
  return batches_.emplace_back(std::make_shared<buffer::FrameBatch>());
}

// A track for each partition, once their number is known: not while something is under way, which
// would come to another track than what follows it.
bool KafkaShipper::fit_tracks() {
  const std::size_t wanted = std::max<std::size_t>(1, current_->producer->partitions());
  if (wanted == 1 || wanted == tracks_.size()) return true;
  const bool is_idle = std::all_of(tracks_.begin(), tracks_.end(), [](const Track& track) {
    return track.waiting.empty() && track.left == 0;
  });
  if (is_idle) tracks_ = std::vector<Track>(wanted);
  return is_idle;
}

void KafkaShipper::send_rounds() {
  if (is_stopped_ || !current_) return;
  for (Track& track : tracks_) {
    // More than once, when all of a round was refused.
    while (track.left == 0 && !track.waiting.empty() && send_round(track)) {
    }
  }
}

// False: librdkafka takes no more now.
bool KafkaShipper::send_round(Track& track) {
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < track.waiting.size(); ++count) {
    bytes += track.waiting[count].frame.bytes.size();
    if (count != 0 && bytes > round_bytes_) break;
  }
  const bool is_alone = count == 1;
  track.round = ++rounds_;
  for (; count != 0; --count) {
    KafkaMessage& message = track.waiting.front();
    message.round = track.round;
    message.is_alone = is_alone;
    if (!send(track, message)) return false;
    track.waiting.pop_front();
  }
  return true;
}

bool KafkaShipper::send(Track& track, KafkaMessage& message) {
  if (message.frame.bytes.size() > options_.max_message_bytes) {
    reject(message, kafka_error_text(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE));
    return true;
  }
  const std::size_t size = message.frame.bytes.size();
  const rd_kafka_resp_err_t error = current_->producer->send(message);
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      ++track.left;
      counters_.sent_bytes.add(size);
      return true;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      counters_.queue_full.add();
      return false;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      // Larger than max_message_bytes: librdkafka's own verdict, on this frame alone.
      reject(message, kafka_error_text(error));
      return true;
    default:  // __FATAL: its event is on its way
      ++track.left;
      take_report(*current_, std::move(message), error);
      return true;
  }
}

}  // namespace sorrel::sink
