#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "base/fd.h"
#include "base/result.h"
#include "sink/bulk_format.h"
#include "sink/kafka_options.h"

namespace sorrel::sink {

// A frame that is on its way to a broker. The batch is what the frame views into: librdkafka sends
// from it, nothing is copied.
struct KafkaMessage {
  std::shared_ptr<const buffer::FrameBatch> batch;
  BulkFrame frame;
  std::size_t track = 0;    // see kafka_shipper.h
  std::uint64_t round = 0;  // what it is sent together with
  bool is_alone = false;    // nothing else is in that round
};

// One producer of librdkafka, without its callbacks: events are taken from its queue, by the thread
// that owns this.
class KafkaProducer {
 public:
  // Errors: a setting that librdkafka refuses, a file that it cannot read.
  static Result<std::unique_ptr<KafkaProducer>> create(const KafkaOptions& options);
  // Waits for librdkafka's threads; messages that it still has are forgotten.
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  // Partitions of the topic, once a broker has told, and when it is the key that decides among them
  // by our own rule; 0 otherwise.
  std::size_t partitions() const noexcept { return partitions_->load(std::memory_order_relaxed); }
  // The partition that a frame goes to, of so many.
  std::size_t partition_of(const buffer::FrameHeader& header, std::size_t partitions);

  // Queues a message; no_error, or librdkafka's reason (__QUEUE_FULL: ask again after a report),
  // and the message stays the caller's.
  rd_kafka_resp_err_t send(KafkaMessage& message);

  struct Handlers {
    // A report: no_error, or why it was not delivered. The message is out of its hands.
    std::function<void(KafkaMessage, rd_kafka_resp_err_t)> report;
    // The producer is of no more use.
    std::function<void(const std::string& why)> fatal;
    // It says something of brokers and connections; it goes on by itself.
    std::function<void(const std::string& what)> trouble;
  };
  // Takes what has happened since the last time; never waits.
  void take_events(const Handlers& handlers);
  // Gives all messages back, by reports with an error: for a producer that is to go.
  void give_up();

  // Readable when there are events; reading it is take_events()'s business.
  int event_fd() const noexcept { return event_fd_.get(); }
  std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  // Written by librdkafka's threads.
  using Partitions = std::unique_ptr<std::atomic<std::size_t>>;

  KafkaProducer(rd_kafka_t* producer, Fd event_fd, Partitions partitions,
                const KafkaOptions& options);
  // Valid until the next call.
  std::string_view key_of(const buffer::FrameHeader& header);
  void take_reports(rd_kafka_event_t* event, const Handlers& handlers);
  rd_kafka_headers_t* make_headers(const buffer::FrameHeader& header);

  struct Destroy {
    void operator()(rd_kafka_t* producer) const noexcept;
    void operator()(rd_kafka_queue_t* queue) const noexcept;
  };

  const std::string topic_;
  const KafkaKey key_;
  const std::string host_;
  const std::string schema_;
  std::string key_text_;
  std::string uid_text_;
  Fd event_fd_;
  const Partitions partitions_;
  // By a number that librdkafka keeps for us; those of free_ have no batch. They go after the
  // producer, which reads from them.
  std::vector<KafkaMessage> messages_;
  std::vector<std::size_t> free_;
  std::size_t in_flight_ = 0;
  std::unique_ptr<rd_kafka_t, Destroy> producer_;
  std::unique_ptr<rd_kafka_queue_t, Destroy> queue_;
};

// What an error of librdkafka means, in its words.
std::string kafka_error_text(rd_kafka_resp_err_t error);

}  // namespace sorrel::sink
