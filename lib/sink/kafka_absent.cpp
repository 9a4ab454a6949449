#include "sink/kafka_sink.h"

// In the place of kafka_shipper.cpp where librdkafka is not.
namespace sorrel::sink {

Result<std::unique_ptr<KafkaSink>> make_kafka_sink(std::string name, const KafkaOptions&,
                                                   const boost::asio::any_io_executor&, Feed&) {
  return fail(std::errc::function_not_supported,
              "the output " + name +
                  " is for Kafka, and this sorreld was built without it; install the "
                  "build that has it, or configure with SORREL_KAFKA=ON and librdkafka");
}

}  // namespace sorrel::sink
