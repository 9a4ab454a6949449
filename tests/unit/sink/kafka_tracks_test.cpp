// What goes to which partition, and when.
#include "kafka_fixture.h"

namespace sorrel::sink {
namespace {

TEST_CASE_METHOD(KafkaFixture, "kafka: the events of a process keep their order, on one partition",
                 "[kafka]") {
  feed.add(3'000);
  feed.per_take = 100;
  feed.keys = 40;
  options.in_flight_frames = 500;
  REQUIRE(run());
  CHECK(acknowledged() == 3'000);
  const auto received = consume(cluster.brokers(), 3'000);
  REQUIRE(received.size() == 3'000);
  std::map<std::string, Received> last;
  std::set<int> partitions;
  for (std::size_t n = 1; n <= 3'000; ++n) {
    const auto& copies = received.at("{\"n\":" + std::to_string(n) + "}");
    REQUIRE(copies.size() == 1);
    const Received& one = copies.front();
    const auto [before, is_first] = last.try_emplace(one.key, one);
    if (!is_first) {
      REQUIRE(one.partition == before->second.partition);
      REQUIRE(one.offset > before->second.offset);
      before->second = one;
    }
    partitions.insert(one.partition);
  }
  CHECK(last.size() == 40);
  CHECK(partitions.size() == kPartitions);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: a slow partition does not hold up the others", "[kafka]") {
  // Each broker leads some; one of them takes two seconds for an answer.
  for (int partition = 0; partition < kPartitions; ++partition) {
    ::rd_kafka_mock_partition_set_leader(cluster.get(), "audit", partition, partition == 0 ? 1 : 2);
  }
  feed.add(400);
  feed.per_take = 10;
  feed.keys = 40;
  start();
  // So that the sink knows the partitions.
  while (acknowledged() < 100 && context.run_one_for(10s) != 0) {
  }
  ::rd_kafka_mock_broker_set_rtt(cluster.get(), 1, 2'000);
  const auto until = std::chrono::steady_clock::now() + 1'500ms;
  context.run_until(until);
  // Three of four partitions, or more where the slow one was quick before.
  CHECK(acknowledged() >= 250);
  ::rd_kafka_mock_broker_set_rtt(cluster.get(), 1, 0);
  context.run_for(30s);
  CHECK(is_done);
  CHECK(acknowledged() == 400);
}

}  // namespace
}  // namespace sorrel::sink
