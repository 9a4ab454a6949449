#include "sink/kafka_sink.h"

#include <fstream>
#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/log.h"
#include "batch_feed.h"
#include "catch.h"
#include "sink/kafka_settings.h"
#include "temp_folder.h"

namespace sorrel::sink {
namespace {

using namespace std::chrono_literals;
constexpr std::int16_t kProduce = 0;  // Kafka's number of that request
constexpr int kPartitions = 4;

// librdkafka's own cluster in memory: brokers on 127.0.0.1 that speak the protocol.
class MockCluster {
 public:
  MockCluster() {
    rd_kafka_conf_t* const conf = ::rd_kafka_conf_new();
    char why[256];
    ::rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why);
    host_ = ::rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    SORREL_CHECK(host_ != nullptr, why);
    cluster_ = ::rd_kafka_mock_cluster_new(host_, 3);
    ::rd_kafka_mock_topic_create(cluster_, "audit", kPartitions, 3);
  }
  ~MockCluster() {
    ::rd_kafka_mock_cluster_destroy(cluster_);
    ::rd_kafka_destroy(host_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  std::string brokers() const { return ::rd_kafka_mock_cluster_bootstraps(cluster_); }
  rd_kafka_mock_cluster_t* get() { return cluster_; }

 private:
  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

struct Received {
  std::string value;
  std::string key;
  std::string uid;
  std::string format;
  int partition = 0;
};

std::string header_of(const rd_kafka_message_t* message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (::rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      ::rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {};
  }
  return std::string(static_cast<const char*>(value), size);
}

// All that is in the topic, as a consumer gets it: by value, with how often it is there.
std::map<std::string, std::vector<Received>> consume(const std::string& brokers,
                                                     std::size_t at_least) {
  rd_kafka_conf_t* const conf = ::rd_kafka_conf_new();
  char why[256];
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
        {"group.id", "test"},
        {"auto.offset.reset", "earliest"},
        {"log_level", "0"}}) {
    SORREL_CHECK(
        ::rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK, why);
  }
  rd_kafka_t* const consumer = ::rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  SORREL_CHECK(consumer != nullptr, why);
  ::rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* const all = ::rd_kafka_topic_partition_list_new(kPartitions);
  for (int i = 0; i < kPartitions; ++i) {
    ::rd_kafka_topic_partition_list_add(all, "audit", i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  ::rd_kafka_assign(consumer, all);
  ::rd_kafka_topic_partition_list_destroy(all);
  std::map<std::string, std::vector<Received>> received;
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (received.size() < at_least && std::chrono::steady_clock::now() < until) {
    rd_kafka_message_t* const message = ::rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      Received one;
      one.value.assign(static_cast<const char*>(message->payload), message->len);
      one.key.assign(static_cast<const char*>(message->key), message->key_len);
      one.uid = header_of(message, "event_uid");
      one.format = header_of(message, "format");
      one.partition = message->partition;
      received[one.value].push_back(one);
    }
    ::rd_kafka_message_destroy(message);
  }
  ::rd_kafka_consumer_close(consumer);
  ::rd_kafka_destroy(consumer);
  return received;
}

struct KafkaFixture {
  KafkaFixture() {
    set_log_level(static_cast<Level>(9));
    options.brokers = {cluster.brokers()};
    options.topic = "audit";
    options.tls.is_on = false;
    options.compression = "none";  // the cluster in memory knows no other
    options.linger = 1ms;
    options.retry_min = 1ms;
    options.retry_max = 20ms;
  }

  void start() {
    auto made = make_kafka_sink("central", options, context.get_executor(), feed);
    SORREL_CHECK(made.has_value(), "options that are fine");
    sink = *std::move(made);
    boost::asio::co_spawn(context, sink->run(), [this](const std::exception_ptr& escaped) {
      SORREL_CHECK(!escaped, "an exception left the sink");
      is_done = true;
    });
  }
  bool run() {
    start();
    context.run_for(30s);
    return is_done;
  }
  std::size_t acknowledged() const {
    std::size_t count = 0;
    for (const auto& [sequence, answer] : feed.answers) count += answer == "+" ? 1 : 0;
    return count;
  }

  MockCluster cluster;
  boost::asio::io_context context{1};
  BatchFeed feed;
  KafkaOptions options;
  std::unique_ptr<KafkaSink> sink;
  bool is_done = false;
};

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
