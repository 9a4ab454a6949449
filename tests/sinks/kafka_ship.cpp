// Ships events that it makes up to Kafka by the sink of the agent, or reads what is in a topic, for
// tests/sinks/kafka_sinks.py.
//   kafka_ship ship BROKERS COUNT [NAME=VALUE...]
//   kafka_ship bare BROKERS COUNT [NAME=VALUE...]    the same events by a plain librdkafka loop
//   kafka_ship read BROKERS COUNT [NAME=VALUE...]    prints the event_uid of each message
// NAME: ca, cert, key, user, password_file, topic, partitions (for read), compression. SIGHUP makes
// a new producer, as changed certificates do. Prints one line of JSON.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <librdkafka/rdkafka.h>

#include "base/clock.h"
#include "made_up_feed.h"
#include "sink/kafka_settings.h"
#include "sink/kafka_sink.h"

namespace {

using namespace sorrel;
using namespace sorrel::sink;

struct Arguments {
  std::string mode;
  KafkaOptions options;
  test::MadeUpEvents events;
  int partitions = 4;
};

bool set_option(Arguments& to, const std::string& name, const std::string& value) {
  KafkaOptions& options = to.options;
  if (name == "ca") {
    options.tls.is_on = true;
    options.tls.ca_file = value;
  } else if (name == "cert") {
    options.tls.cert_file = value;
  } else if (name == "key") {
    options.tls.key_file = value;
  } else if (name == "user") {
    options.sasl.user = value;
    options.sasl.mechanism = "SCRAM-SHA-512";
  } else if (name == "password_file") {
    options.sasl.password_file = value;
  } else if (name == "topic") {
    options.topic = value;
  } else if (name == "compression") {
    options.compression = value;
  } else if (name == "partitions") {
    to.partitions = std::stoi(value);
  } else {
    return false;
  }
  return true;
}

bool read_arguments(int argc, char** argv, Arguments& to) {
  if (argc < 4) return false;
  to.mode = argv[1];
  to.options.brokers = {argv[2]};
  to.options.topic = "audit";
  to.options.tls.is_on = false;
  to.options.retry_min = std::chrono::milliseconds(100);
  to.options.retry_max = std::chrono::milliseconds(1'000);
  to.events.count = std::strtoull(argv[3], nullptr, 10);
  to.events.first_ns = SystemClock().realtime_ns();
  for (int i = 4; i < argc; ++i) {
    const std::string option = argv[i];
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos ||
        !set_option(to, option.substr(0, equals), option.substr(equals + 1))) {
      return false;
    }
  }
  return true;
}

void print_result(std::uint64_t answers, std::uint64_t repeated, const KafkaCounters& counters,
                  double seconds) {
  std::printf(
      "{\"answers\":%llu,\"repeated\":%llu,\"rejected\":%llu,\"retried\":%llu,\"producers\":%llu,"
      "\"fatal\":%llu,\"queue_full\":%llu,\"body_bytes\":%llu,\"seconds\":%.3f,"
      "\"cpu_seconds\":%.3f}\n",
      static_cast<unsigned long long>(answers), static_cast<unsigned long long>(repeated),
      static_cast<unsigned long long>(counters.rejected.value()),
      static_cast<unsigned long long>(counters.retried.value()),
      static_cast<unsigned long long>(counters.producers.value()),
      static_cast<unsigned long long>(counters.fatal.value()),
      static_cast<unsigned long long>(counters.queue_full.value()),
      static_cast<unsigned long long>(counters.sent_bytes.value()), seconds,
      static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

int ship(const Arguments& arguments) {
  boost::asio::io_context context{1};
  test::MadeUpFeed feed(arguments.events);
  auto sink = make_kafka_sink("test", arguments.options, context.get_executor(), feed);
  if (!sink) {
    std::fprintf(stderr, "kafka_ship: %s\n", sink.error().to_string().c_str());
    return 2;
  }
  boost::asio::signal_set reload(context, SIGHUP);
  std::function<void()> wait_for_reload = [&] {
    reload.async_wait([&](boost::system::error_code error, int) {
      if (error) return;
      const Status made = (*sink)->reload();
      if (!made) std::fprintf(stderr, "kafka_ship: %s\n", made.error().to_string().c_str());
      wait_for_reload();
    });
  };
  wait_for_reload();
  const SystemClock clock;
  const std::uint64_t began = clock.monotonic_ns();
  boost::asio::co_spawn(context, (*sink)->run(), [&reload](const std::exception_ptr& escaped) {
    if (escaped) std::abort();
    reload.cancel();
  });
  context.run();
  print_result(feed.answers, feed.repeated, (*sink)->counters(),
               static_cast<double>(clock.monotonic_ns() - began) / 1e9);
  return feed.answers == arguments.events.count && feed.repeated == 0 ? 0 : 1;
}

rd_kafka_t* make_handle(rd_kafka_type_t type, const Arguments& arguments, bool is_consumer) {
  const auto settings = kafka_settings(arguments.options);
  if (!settings) return nullptr;
  rd_kafka_conf_t* const conf = ::rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : *settings) {
    const bool is_common = name.starts_with("ssl.") || name.starts_with("sasl.") ||
                           name == "bootstrap.servers" || name == "security.protocol";
    if (is_consumer && !is_common) continue;
    ::rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why);
  }
  if (is_consumer) {
    ::rd_kafka_conf_set(conf, "group.id", "kafka_ship", why, sizeof why);
    ::rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof why);
  }
  return ::rd_kafka_new(type, conf, why, sizeof why);
}

int read(const Arguments& arguments) {
  rd_kafka_t* const consumer = make_handle(RD_KAFKA_CONSUMER, arguments, true);
  if (consumer == nullptr) return 2;
  ::rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* const all =
      ::rd_kafka_topic_partition_list_new(arguments.partitions);
  for (int i = 0; i < arguments.partitions; ++i) {
    ::rd_kafka_topic_partition_list_add(all, arguments.options.topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  ::rd_kafka_assign(consumer, all);
  ::rd_kafka_topic_partition_list_destroy(all);
  // To the end: when nothing has come for three seconds, after the first.
  std::uint64_t count = 0;
  for (int quiet = 0; quiet < (count == 0 ? 200 : 30);) {
    rd_kafka_message_t* const message = ::rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) {
      ++quiet;
      continue;
    }
    rd_kafka_headers_t* headers = nullptr;
    const void* uid = nullptr;
    std::size_t size = 0;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
        ::rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        ::rd_kafka_header_get_last(headers, "event_uid", &uid, &size) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::printf("%.*s\n", static_cast<int>(size), static_cast<const char*>(uid));
      quiet = 0;
      ++count;
    }
    ::rd_kafka_message_destroy(message);
  }
  ::rd_kafka_consumer_close(consumer);
  ::rd_kafka_destroy(consumer);
  return count >= arguments.events.count ? 0 : 1;
}

// What librdkafka does at best: the same settings, a loop, no answers kept.
int bare(const Arguments& arguments) {
  rd_kafka_t* const producer = make_handle(RD_KAFKA_PRODUCER, arguments, false);
  if (producer == nullptr) return 2;
  rd_kafka_topic_t* const topic =
      ::rd_kafka_topic_new(producer, arguments.options.topic.c_str(), nullptr);
  const SystemClock clock;
  const std::uint64_t began = clock.monotonic_ns();
  test::MadeUpFeed feed(arguments.events);
  KafkaCounters counters;
  for (std::uint64_t number = 1; number <= arguments.events.count; ++number) {
    const std::string text = feed.event(number);
    while (::rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                              const_cast<char*>(text.data()), text.size() - 1, "0000000000000000",
                              16, nullptr) != 0) {
      ::rd_kafka_poll(producer, 1);
    }
    counters.sent_bytes.add(text.size());
    if (number % 1'000 == 0) ::rd_kafka_poll(producer, 0);
  }
  while (::rd_kafka_outq_len(producer) > 0) ::rd_kafka_poll(producer, 10);
  print_result(arguments.events.count, 0, counters,
               static_cast<double>(clock.monotonic_ns() - began) / 1e9);
  ::rd_kafka_topic_destroy(topic);
  ::rd_kafka_destroy(producer);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(argc, argv, arguments)) {
    std::fprintf(stderr, "usage: kafka_ship ship|bare|read BROKERS COUNT [NAME=VALUE...]\n");
    return 2;
  }
  if (arguments.mode == "ship") return ship(arguments);
  if (arguments.mode == "bare") return bare(arguments);
  return read(arguments);
}
