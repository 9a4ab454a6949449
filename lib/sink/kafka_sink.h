#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/counter.h"
#include "base/result.h"
#include "sink/feed.h"
#include "sink/kafka_options.h"

namespace sorrel::sink {

struct KafkaCounters {
  Counter acknowledged;  // frames that all in-sync replicas have
  Counter rejected;      // frames to the dead letters: too large, refused by the broker's check
  Counter retried;       // frames given to a producer again
  Counter sent_bytes;    // of frames given to a producer
  Counter queue_full;    // times that reading paused since librdkafka's queue was full
  Counter producers;     // that were made
  Counter fatal;         // producers given up after a fatal error
};

// Ships frames to a Kafka topic through librdkafka: idempotent, acknowledged by all in-sync
// replicas. A frame is answered for once, by its delivery report. All but librdkafka's own threads
// happens on the executor's thread.
class KafkaSink {
 public:
  virtual ~KafkaSink() = default;

  // Takes and ships until the feed gives no more and all that was taken is answered for, or stop().
  // Once only; the sink goes after it has returned.
  virtual boost::asio::awaitable<void> run() = 0;
  // Gives up what is under way; it is not answered for. The feed is stopped by whoever owns it.
  virtual void stop() = 0;
  // Certificates or passwords have changed: a new producer, with the same options, takes what comes
  // from now on; the old one is given the time to deliver what it has. Errors: what the new files
  // lack; the old producer goes on.
  virtual Status reload() = 0;

  virtual const KafkaCounters& counters() const noexcept = 0;
  // Why nothing gets through, for people; empty when all is well.
  virtual const std::string& trouble() const noexcept = 0;
};

// `name`: the output's, for the log. The feed outlives the sink.
// Errors: options or files that cannot be; function_not_supported: this build has no Kafka.
Result<std::unique_ptr<KafkaSink>> make_kafka_sink(std::string name, const KafkaOptions& options,
                                                   const boost::asio::any_io_executor& executor,
                                                   Feed& feed);

}  // namespace sorrel::sink
