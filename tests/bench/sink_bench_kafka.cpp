#include <exception>
#include <iterator>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <librdkafka/rdkafka.h>

#include "common.h"
#include "sink/json_string.h"
#include "sink/kafka_settings.h"
#include "sink/kafka_sink.h"
#include "sink_bench.h"

namespace sorrel::bench {
namespace {

sink::KafkaOptions options_of(const SinkArguments& arguments) {
  sink::KafkaOptions options;
  options.brokers = {arguments.address};
  options.topic = arguments.option("topic", "audit");
  options.tls.ca_file = arguments.option("ca");
  options.tls.cert_file = arguments.option("cert");
  options.tls.key_file = arguments.option("key");
  options.compression = arguments.option("compression", options.compression);
  return options;
}

rd_kafka_t* make_producer(const sink::KafkaOptions& options) {
  rd_kafka_conf_t* const conf = ::rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : or_exit(sink::kafka_settings(options))) {
    if (::rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) !=
        RD_KAFKA_CONF_OK) {
      give_up(why);
    }
  }
  rd_kafka_t* const producer = ::rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (producer == nullptr) give_up(why);
  return producer;
}

// What ours sends with an event, so that both are the same bytes for the broker.
rd_kafka_headers_t* headers_of(std::string_view uid) {
  rd_kafka_headers_t* const headers = ::rd_kafka_headers_new(3);
  ::rd_kafka_header_add(headers, "event_uid", -1, uid.data(), static_cast<ssize_t>(uid.size()));
  ::rd_kafka_header_add(headers, "format", -1, "json", -1);
  ::rd_kafka_header_add(headers, "schema", -1, "1", -1);
  return headers;
}

// False: librdkafka has as many as it takes. The events stay where they are, neither copied nor
// freed.
bool produce(rd_kafka_t* producer, const std::string& topic, const buffer::FrameHeader& header,
             std::string_view value, const std::string& uid, const std::string& key) {
  rd_kafka_vu_t parts[6] = {};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem = {const_cast<char*>(value.data()), value.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {const_cast<char*>(key.data()), 16};
  parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[3].u.i64 = static_cast<std::int64_t>(header.time_ns / 1'000'000);
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers_of(uid);
  parts[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  rd_kafka_error_t* const failed = ::rd_kafka_produceva(producer, parts, std::size(parts));
  if (failed == nullptr) return true;
  ::rd_kafka_headers_destroy(parts[4].u.headers);
  if (::rd_kafka_error_code(failed) != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    give_up(::rd_kafka_error_string(failed));
  }
  ::rd_kafka_error_destroy(failed);
  return false;
}

}  // namespace

void send_kafka(const SinkArguments& arguments, const SinkEvents& events) {
  boost::asio::io_context context{1};
  MemoryFeed feed(events);
  const SinkClock watch;
  const auto sink =
      or_exit(sink::make_kafka_sink("bench", options_of(arguments), context.get_executor(), feed));
  boost::asio::co_spawn(context, sink->run(), [](const std::exception_ptr& escaped) {
    if (escaped) std::rethrow_exception(escaped);
  });
  context.run();
  watch.print(events);
  if (!feed.is_done()) give_up("not all were acknowledged: " + sink->trouble());
}

void send_bare_kafka(const SinkArguments& arguments, const SinkEvents& events) {
  const sink::KafkaOptions options = options_of(arguments);
  const SinkClock watch;
  rd_kafka_t* const producer = make_producer(options);
  std::string uid;
  std::string key;
  for (std::size_t i = 0; i < events.frames().size(); ++i) {
    const buffer::FrameHeader& header = events.frames()[i];
    std::string_view value = events.bytes_of(i);
    value.remove_suffix(1);  // the line's end
    uid.clear();
    sink::append_uid(uid, header.event_uid);
    key.clear();
    sink::append_uid(key, {header.partition_key, 0});
    while (!produce(producer, options.topic, header, value, uid, key)) ::rd_kafka_poll(producer, 1);
  }
  if (::rd_kafka_flush(producer, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    give_up("librdkafka did not send everything");
  }
  watch.print(events);
  ::rd_kafka_destroy(producer);
}

}  // namespace sorrel::bench
