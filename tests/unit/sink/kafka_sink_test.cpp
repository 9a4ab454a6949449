#include <fstream>

#include "kafka_fixture.h"

namespace sorrel::sink {
namespace {

TEST_CASE_METHOD(KafkaFixture, "kafka: each event arrives once, with its key and its headers",
                 "[kafka]") {
  feed.add(2'000);
  feed.per_take = 300;
  REQUIRE(run());
  CHECK(acknowledged() == 2'000);
  const auto received = consume(cluster.brokers(), 2'000);
  REQUIRE(received.size() == 2'000);
  for (const auto& [value, copies] : received) REQUIRE(copies.size() == 1);
  const Received& first = received.at("{\"n\":1}").front();
  CHECK(first.key == "0000000000000000");
  CHECK(first.uid == "00000000000000000000000000000001");
  CHECK(first.format == "json");
  for (const auto& [value, copies] : received) {
    REQUIRE(copies.front().partition == first.partition);  // one key, one partition
  }
  CHECK(sink->counters().producers.value() == 1);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: brokers that refuse for a while lose nothing", "[kafka]") {
  feed.add(200);
  ::rd_kafka_mock_push_request_errors(
      cluster.get(), kProduce, 5, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  REQUIRE(run());
  CHECK(acknowledged() == 200);
  CHECK(consume(cluster.brokers(), 200).size() == 200);
  CHECK(sink->counters().retried.value() > 0);  // a refused authorization is final for librdkafka
  CHECK(sink->trouble().empty());
}

TEST_CASE_METHOD(KafkaFixture, "kafka: a fatal error makes a new producer, which delivers all",
                 "[kafka]") {
  feed.add(300);
  feed.per_take = 50;
  // librdkafka calls the first one fatal; after the second it refuses everything for ever.
  const auto error =
      GENERATE(RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  CAPTURE(error);
  ::rd_kafka_mock_push_request_errors(cluster.get(), kProduce, 1, error);
  REQUIRE(run());
  CHECK(acknowledged() == 300);
  CHECK(consume(cluster.brokers(), 300).size() == 300);
  CHECK(sink->counters().fatal.value() == 1);
  CHECK(sink->counters().producers.value() == 2);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: brokers that are down are waited for", "[kafka]") {
  feed.add(100);
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_down(cluster.get(), broker);
  }
  start();
  while (sink->trouble().empty() && context.run_one_for(10s) != 0) continue;
  CHECK_FALSE(sink->trouble().empty());
  CHECK(feed.answers.empty());
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_up(cluster.get(), broker);
  }
  context.run_for(30s);
  REQUIRE(is_done);
  CHECK(acknowledged() == 100);
  CHECK(consume(cluster.brokers(), 100).size() == 100);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: an event that is too large is given up, others arrive",
                 "[kafka]") {
  feed.add(3);
  options.max_message_bytes = 1'000;
  feed.texts[1] = "\"" + std::string(2'000, 'x') + "\"\n";
  REQUIRE(run());
  CHECK(acknowledged() == 2);
  CHECK(feed.answers.at(2).find("MSG_SIZE_TOO_LARGE") != std::string::npos);
  CHECK(sink->counters().rejected.value() == 1);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: a full queue pauses the reading, and nothing else",
                 "[kafka]") {
  feed.add(500);
  feed.per_take = 500;
  options.in_flight_frames = 20;
  REQUIRE(run());
  CHECK(acknowledged() == 500);
  CHECK(sink->counters().queue_full.value() > 0);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: new certificates make a new producer, the old one drains",
                 "[kafka]") {
  feed.add(2'000);
  feed.per_take = 20;
  options.in_flight_frames = 100;
  start();
  for (unsigned reloads = 0; reloads < 5;) {
    REQUIRE(context.run_one_for(10s) != 0);
    if (acknowledged() < (reloads + 1) * 200) continue;
    REQUIRE(sink->reload());
    ++reloads;
  }
  context.run_for(30s);
  REQUIRE(is_done);
  CHECK(acknowledged() == 2'000);
  const auto received = consume(cluster.brokers(), 2'000);
  CHECK(received.size() == 2'000);
  for (const auto& [value, copies] : received) REQUIRE(copies.size() == 1);
  CHECK(sink->counters().producers.value() == 6);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: broken certificates leave the old producer at work",
                 "[kafka]") {
  const sorrel::test::TempFolder folder;
  const std::string password = folder / "password";
  std::ofstream(password) << "secret\n";
  options.sasl = {"SCRAM-SHA-512", "agent", password};
  auto made = make_kafka_sink("central", options, context.get_executor(), feed);
  REQUIRE(made);
  std::ofstream(password, std::ios::trunc) << "";
  const Status reloaded = (*made)->reload();
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().message.find(password) != std::string::npos);
  CHECK((*made)->counters().producers.value() == 1);
}

TEST_CASE_METHOD(KafkaFixture, "kafka: stop ends a sink that waits for brokers", "[kafka]") {
  feed.add(100);
  for (int broker = 1; broker <= 3; ++broker) {
    ::rd_kafka_mock_broker_set_down(cluster.get(), broker);
  }
  start();
  context.run_for(20ms);
  REQUIRE_FALSE(is_done);
  sink->stop();
  context.run_for(20s);
  CHECK(is_done);
  CHECK(feed.answers.empty());
}

TEST_CASE("kafka: the guarantee and the verification cannot be configured away", "[kafka]") {
  KafkaOptions options;
  options.brokers = {"a:9093", "b:9093"};
  options.topic = "audit";
  const auto value_of = [](const KafkaSettings& settings, std::string_view name) {
    std::string found;
    for (const auto& [key, value] : settings) {
      if (key == name) found = value;
    }
    return found;
  };
  const auto settings = kafka_settings(options);
  REQUIRE(settings);
  CHECK(value_of(*settings, "bootstrap.servers") == "a:9093,b:9093");
  CHECK(value_of(*settings, "security.protocol") == "ssl");
  CHECK(value_of(*settings, "enable.ssl.certificate.verification") == "true");
  CHECK(value_of(*settings, "ssl.endpoint.identification.algorithm") == "https");
  CHECK(value_of(*settings, "acks") == "all");
  CHECK(value_of(*settings, "enable.idempotence") == "true");
  for (const char* name : {"acks", "enable.ssl.certificate.verification", "retries",
                           "ssl.endpoint.identification.algorithm", "message.timeout.ms"}) {
    KafkaOptions weak = options;
    weak.properties = {{name, "0"}};
    CAPTURE(name);
    CHECK_FALSE(kafka_settings(weak));
  }
  KafkaOptions bad = options;
  SECTION("no broker") {
    bad.brokers.clear();
  }
  SECTION("no topic") {
    bad.topic.clear();
  }
  SECTION("a certificate without its key") {
    bad.tls.cert_file = "/x";
  }
  SECTION("SASL without a user") {
    bad.sasl.mechanism = "PLAIN";
  }
  SECTION("a host key without a host") {
    bad.key = KafkaKey::host;
  }
  CHECK_FALSE(kafka_settings(bad));
}

}  // namespace
}  // namespace sorrel::sink
