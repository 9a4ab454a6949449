#include "sink/kafka_producer.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "sink/json_string.h"
#include "sink/kafka_settings.h"
#include "sink/raw_document.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kErrorTextBytes = 512;

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const noexcept { ::rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

Result<Conf> make_conf(const KafkaOptions& options) {
  Result<KafkaSettings> settings = kafka_settings(options);
  if (!settings) return Unexpected(std::move(settings).error());
  Conf conf(::rd_kafka_conf_new());
  char why[kErrorTextBytes];
  for (const auto& [name, value] : *settings) {
    if (::rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why, sizeof why) !=
        RD_KAFKA_CONF_OK) {
      return fail(std::errc::invalid_argument, std::string("kafka: ") + why);
    }
  }
  ::rd_kafka_conf_set_events(conf.get(),
                             RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  ::rd_kafka_conf_set(conf.get(), "log.queue", "true", why, sizeof why);
  return conf;
}

// The rule of the Java clients, which the setting "partitioner" names, too; how many partitions
// there are, a producer tells nobody else. From any thread.
std::int32_t choose_partition(const rd_kafka_topic_t* topic, const void* key, std::size_t size,
                              std::int32_t partitions, void* told, void* message) {
  static_cast<std::atomic<std::size_t>*>(told)->store(static_cast<std::size_t>(partitions),
                                                      std::memory_order_relaxed);
  return ::rd_kafka_msg_partitioner_murmur2_random(topic, key, size, partitions, nullptr, message);
}

bool has_own_partitioner(const KafkaOptions& options) {
  for (const auto& property : options.properties) {
    if (property.first == "partitioner") return true;
  }
  return false;
}

void take_log(rd_kafka_event_t* event) {
  const char* facility = nullptr;
  const char* text = nullptr;
  int level = 0;
  if (::rd_kafka_event_log(event, &facility, &text, &level) != 0) return;
  // What it calls an error is told by an event of its own; here it repeats itself.
  log(Level::debug, "librdkafka", {{"facility", facility}, {"text", short_reason(text)}});
}

}  // namespace

std::string kafka_error_text(rd_kafka_resp_err_t error) {
  return std::string(::rd_kafka_err2name(error)) + ": " + ::rd_kafka_err2str(error);
}

void KafkaProducer::Destroy::operator()(rd_kafka_t* producer) const noexcept {
  ::rd_kafka_destroy(producer);
}

void KafkaProducer::Destroy::operator()(rd_kafka_queue_t* queue) const noexcept {
  // librdkafka's threads must not write to the descriptor any more.
  ::rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
  ::rd_kafka_queue_destroy(queue);
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::create(const KafkaOptions& options) {
  Result<Conf> conf = make_conf(options);
  if (!conf) return Unexpected(std::move(conf).error());
  auto partitions = std::make_unique<std::atomic<std::size_t>>(0);
  rd_kafka_topic_conf_t* const topic = ::rd_kafka_conf_get_default_topic_conf(conf->get());
  // Without a key, librdkafka's own way of choosing is better: many in a row for each partition.
  if (topic != nullptr && options.key != KafkaKey::none && !has_own_partitioner(options)) {
    ::rd_kafka_topic_conf_set_opaque(topic, partitions.get());
    ::rd_kafka_topic_conf_set_partitioner_cb(topic, choose_partition);
  }
  Fd event_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event_fd) return fail_errno(errno, "kafka: eventfd");
  char why[kErrorTextBytes];
  rd_kafka_t* const producer = ::rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why, sizeof why);
  if (producer == nullptr) {
    return fail(std::errc::invalid_argument, std::string("kafka: ") + why);
  }
  static_cast<void>(conf->release());  // it is the producer's now
  return std::unique_ptr<KafkaProducer>(
      new KafkaProducer(producer, std::move(event_fd), std::move(partitions), options));
}

KafkaProducer::KafkaProducer(rd_kafka_t* producer, Fd event_fd, Partitions partitions,
                             const KafkaOptions& options)
    : topic_(options.topic),
      key_(options.key),
      host_(options.host),
      schema_(options.schema),
      event_fd_(std::move(event_fd)),
      partitions_(std::move(partitions)),
      producer_(producer),
      queue_(::rd_kafka_queue_get_main(producer)) {
  ::rd_kafka_set_log_queue(producer, nullptr);  // to the main queue
  // What an eventfd wants: a number of eight bytes.
  static constexpr std::uint64_t kOne = 1;
  ::rd_kafka_queue_io_event_enable(queue_.get(), event_fd_.get(), &kOne, sizeof kOne);
}

KafkaProducer::~KafkaProducer() {
  ::rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                        RD_KAFKA_PURGE_F_NON_BLOCKING);
}

// Of a process, 16 hex digits: the same for all its events.
std::string_view KafkaProducer::key_of(const buffer::FrameHeader& header) {
  if (key_ == KafkaKey::none) return {};
  if (key_ == KafkaKey::host) return host_;
  const std::uint64_t words[2] = {header.partition_key, 0};
  key_text_.clear();
  append_uid(key_text_, words);
  return std::string_view(key_text_).substr(0, 16);
}

std::size_t KafkaProducer::partition_of(const buffer::FrameHeader& header, std::size_t partitions) {
  if (partitions <= 1 || key_ == KafkaKey::none) return 0;
  const std::string_view key = key_of(header);
  return static_cast<std::size_t>(::rd_kafka_msg_partitioner_murmur2(
      nullptr, key.data(), key.size(), static_cast<std::int32_t>(partitions), nullptr, nullptr));
}

rd_kafka_headers_t* KafkaProducer::make_headers(const buffer::FrameHeader& header) {
  uid_text_.clear();
  append_uid(uid_text_, header.event_uid);
  const std::string_view format = header.format == buffer::Format::json ? "json" : "raw";
  rd_kafka_headers_t* const headers = ::rd_kafka_headers_new(3);
  const auto add = [headers](std::string_view name, std::string_view value) {
    ::rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
  };
  add("event_uid", uid_text_);
  add("format", format);
  add("schema", schema_);
  return headers;
}

rd_kafka_resp_err_t KafkaProducer::send(KafkaMessage& message) {
  const buffer::FrameHeader& header = *message.frame.header;
  const std::string_view value = without_newline(message.frame.bytes);
  const std::string_view key = key_of(header);
  rd_kafka_headers_t* const headers = make_headers(header);
  if (free_.empty()) {
    free_.push_back(messages_.size());
    messages_.emplace_back();
  }
  const std::size_t number = free_.back();
  rd_kafka_vu_t parts[7] = {};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic_.c_str();
  // It only reads them; its interface is older than const.
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem = {const_cast<char*>(value.data()), value.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {key.empty() ? nullptr : const_cast<char*>(key.data()), key.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[3].u.i64 = static_cast<std::int64_t>(header.time_ns / 1'000'000);
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers;
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = reinterpret_cast<void*>(static_cast<std::uintptr_t>(number));
  parts[6].vtype = RD_KAFKA_VTYPE_MSGFLAGS;  // neither copied nor freed
  parts[6].u.i = 0;
  rd_kafka_error_t* const failed = ::rd_kafka_produceva(producer_.get(), parts, std::size(parts));
  if (failed != nullptr) {
    const rd_kafka_resp_err_t error = ::rd_kafka_error_code(failed);
    ::rd_kafka_error_destroy(failed);
    ::rd_kafka_headers_destroy(headers);
    return error;
  }
  free_.pop_back();
  messages_[number] = std::move(message);
  ++in_flight_;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void KafkaProducer::take_reports(rd_kafka_event_t* event, const Handlers& handlers) {
  while (const rd_kafka_message_t* const report = ::rd_kafka_event_message_next(event)) {
    const std::size_t number = reinterpret_cast<std::uintptr_t>(report->_private);
    KafkaMessage message = std::move(messages_[number]);
    free_.push_back(number);
    --in_flight_;
    handlers.report(std::move(message), report->err);
  }
}

void KafkaProducer::take_events(const Handlers& handlers) {
  std::uint64_t ignored = 0;
  // Emptied first: what comes from here on makes it readable again.
  [[maybe_unused]] const ssize_t got = ::read(event_fd_.get(), &ignored, sizeof ignored);
  while (rd_kafka_event_t* const event = ::rd_kafka_queue_poll(queue_.get(), 0)) {
    switch (::rd_kafka_event_type(event)) {
      case RD_KAFKA_EVENT_DR:
        take_reports(event, handlers);
        break;
      case RD_KAFKA_EVENT_LOG:
        take_log(event);
        break;
      case RD_KAFKA_EVENT_ERROR: {
        char why[kErrorTextBytes] = "";
        const std::string text = kafka_error_text(::rd_kafka_event_error(event)) + ": " +
                                 short_reason(::rd_kafka_event_error_string(event));
        if (::rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__FATAL) {
          const auto code = ::rd_kafka_fatal_error(producer_.get(), why, sizeof why);
          handlers.fatal(kafka_error_text(code) + ": " + short_reason(why));
        } else {
          handlers.trouble(text);
        }
        break;
      }
      default:
        break;
    }
    ::rd_kafka_event_destroy(event);
  }
}

void KafkaProducer::give_up() {
  ::rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                        RD_KAFKA_PURGE_F_NON_BLOCKING);
}

}  // namespace sorrel::sink
