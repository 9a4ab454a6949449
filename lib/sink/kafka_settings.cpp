#include "sink/kafka_settings.h"

#include <algorithm>

#include "sink/secret_file.h"

namespace sorrel::sink {
namespace {

// What a property must not change: the guarantee, the verification of the broker, and what other
// options set.
constexpr std::string_view kFixed[] = {
    "acks",
    "request.required.acks",
    "enable.idempotence",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "retries",
    "message.send.max.retries",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "queuing.strategy",
    "enable.ssl.certificate.verification",
    "ssl.endpoint.identification.algorithm",
    "bootstrap.servers",
    "metadata.broker.list",
    "security.protocol",
    "ssl.ca.location",
    "ssl.ca.pem",
    "sasl.password",
    "log.queue",
    "transactional.id",
};

Unexpected<Error> refuse(std::string why) {
  return fail(std::errc::invalid_argument, "kafka: " + std::move(why));
}

std::string joined(const std::vector<std::string>& brokers) {
  std::string text;
  for (const std::string& broker : brokers) text += (text.empty() ? "" : ",") + broker;
  return text;
}

Status add_security(const KafkaOptions& options, KafkaSettings& settings) {
  const bool has_sasl = !options.sasl.mechanism.empty();
  const std::string tls = options.tls.is_on ? "ssl" : "plaintext";
  settings.emplace_back("security.protocol", has_sasl ? "sasl_" + tls : tls);
  if (options.tls.is_on) {
    settings.emplace_back("enable.ssl.certificate.verification", "true");
    settings.emplace_back("ssl.endpoint.identification.algorithm", "https");
    const std::pair<const char*, const std::string&> files[] = {
        {"ssl.ca.location", options.tls.ca_file},
        {"ssl.crl.location", options.tls.crl_file},
        {"ssl.certificate.location", options.tls.cert_file},
        {"ssl.key.location", options.tls.key_file}};
    for (const auto& [name, file] : files) {
      if (!file.empty()) settings.emplace_back(name, file);
    }
    if (options.tls.cert_file.empty() != options.tls.key_file.empty()) {
      return refuse("a client certificate needs its key, and a key its certificate");
    }
  }
  if (!has_sasl) return Ok{};
  if (options.sasl.user.empty()) return refuse("SASL needs a user");
  Result<std::string> password = read_secret(options.sasl.password_file);
  if (!password) return Unexpected(std::move(password).error());
  settings.emplace_back("sasl.mechanisms", options.sasl.mechanism);
  settings.emplace_back("sasl.username", options.sasl.user);
  settings.emplace_back("sasl.password", *std::move(password));
  return Ok{};
}

}  // namespace

std::size_t kafka_request_bytes(const KafkaOptions& options) {
  constexpr std::size_t kCompressed = 4'000'000;
  return options.compression == "none" ? options.max_message_bytes
                                       : std::max(options.max_message_bytes, kCompressed);
}

Result<KafkaSettings> kafka_settings(const KafkaOptions& options) {
  if (options.brokers.empty()) return refuse("no broker is named");
  if (options.topic.empty()) return refuse("no topic is named");
  if (options.key == KafkaKey::host && options.host.empty()) return refuse("key: host has no name");
  KafkaSettings settings = {
      {"bootstrap.servers", joined(options.brokers)},
      {"client.id", options.client_id},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      // Never: what is not delivered is kept by us, and the reasons are in the log.
      {"message.timeout.ms", "0"},
      {"linger.ms", std::to_string(options.linger.count())},
      {"compression.type", options.compression},
      {"message.max.bytes", std::to_string(kafka_request_bytes(options))},
      // A request takes all that waits for its partition; see kafka_tracks.cpp.
      {"batch.num.messages", std::to_string(options.in_flight_frames)},
      {"batch.size", std::to_string(kafka_request_bytes(options))},
      {"queue.buffering.max.messages", std::to_string(options.in_flight_frames)},
      // In KiB; keys and headers count, too, so that our own limit is met first.
      {"queue.buffering.max.kbytes", std::to_string(options.in_flight_bytes / 512 + 1'024)},
      // Else the last packet of a request waits for the broker's delayed acknowledgement: 40 ms.
      {"socket.nagle.disable", "true"},
      {"partitioner", "murmur2_random"},  // as the Java clients do
      {"reconnect.backoff.ms", std::to_string(options.retry_min.count())},
      {"reconnect.backoff.max.ms",
       std::to_string(std::max(options.retry_min, options.retry_max).count())},
  };
  Status secured = add_security(options, settings);
  if (!secured) return Unexpected(std::move(secured).error());
  for (const auto& property : options.properties) {
    if (std::find(std::begin(kFixed), std::end(kFixed), property.first) != std::end(kFixed)) {
      return refuse("the property " + property.first +
                    " is set by other options, or would weaken the guarantee");
    }
    settings.push_back(property);
  }
  return settings;
}

}  // namespace sorrel::sink
