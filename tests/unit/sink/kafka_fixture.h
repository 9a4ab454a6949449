#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
#include "sink/kafka_sink.h"
#include "temp_folder.h"

// A sink, a feed and librdkafka's own cluster in memory.
namespace sorrel::sink {

using namespace std::chrono_literals;
inline constexpr std::int16_t kProduce = 0;  // Kafka's number of that request
inline constexpr int kPartitions = 4;

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
  std::int64_t offset = 0;
};

inline std::string header_of(const rd_kafka_message_t* message, const char* name) {
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
inline std::map<std::string, std::vector<Received>> consume(const std::string& brokers,
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
      one.offset = message->offset;
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

}  // namespace sorrel::sink
