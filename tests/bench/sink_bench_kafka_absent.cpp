// Instead of sink_bench_kafka.cpp, where librdkafka is not there.
#include "common.h"
#include "sink_bench.h"

namespace sorrel::bench {

void send_kafka(const SinkArguments&, const SinkEvents&) {
  give_up("built without Kafka");
}
void send_bare_kafka(const SinkArguments&, const SinkEvents&) {
  give_up("built without Kafka");
}

}  // namespace sorrel::bench
