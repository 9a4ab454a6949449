// Outputs that ship to a collector: what is common to them, and each protocol's own options.
#include <algorithm>

#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kHourMs = 3'600'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// The same forms for std::chrono's milliseconds and for sizes.
Scalar milliseconds_of(std::chrono::milliseconds& target, std::uint64_t min, std::uint64_t max) {
  const Range range{min, max, {}};
  return {wanted_number(kMilliseconds, range),
          [&target, range](std::string_view text) {
            std::uint64_t number = 0;
            std::string wrong = parse_number(kMilliseconds, range, text, number);
            if (wrong.empty()) target = std::chrono::milliseconds(number);
            return wrong;
          },
          [&target, range]() -> std::optional<std::string> {
            return print_number(kMilliseconds, range, static_cast<std::uint64_t>(target.count()));
          }};
}

// A map of names to texts, for options that keep the order of their pairs.
Value pairs(Pairs& target) {
  Value value;
  value.read = [&target](const Node& node, Report& report) {
    std::map<std::string, std::string> read;
    text_map(read).read(node, report);
    target.assign(read.begin(), read.end());
  };
  value.write = [&target]() -> std::optional<Node> {
    std::map<std::string, std::string> written(target.begin(), target.end());
    return text_map(written).write();
  };
  return value;
}

// Written as one word, `none`, or as a section: what is in it is on.
template <class Tls>
Value tls_of(Tls& tls, bool& is_on, std::vector<Field> fields) {
  static_cast<void>(tls);
  Value value = section(std::move(fields));
  value.has_short_form = true;
  value.read = [&is_on, of_section = value.read](const Node& node, Report& report) {
    if (node.type == NodeType::scalar && node.text == "none") {
      is_on = false;
    } else {
      of_section(node, report);
    }
  };
  value.write = [&is_on, of_section = value.write]() -> std::optional<Node> {
    return is_on ? of_section() : std::optional(scalar_node("none"));
  };
  return value;
}

Value tls_table(sink::TlsOptions& tls) {
  return tls_of(tls, tls.is_on,
                {
                    {"ca", text_if_any(tls.ca, kFilePath)},
                    {"crl", text_if_any(tls.crl, kFilePath)},
                    {"cert", text_if_any(tls.cert, kFilePath)},
                    {"key", text_if_any(tls.key, kFilePath)},
                    {"server_name", text_if_any(tls.server_name, kNodeName)},
                    {"fingerprints", list(tls.fingerprints, kText)},
                });
}

std::vector<Field> common(OutputOptions& output) {
  return {
      {"delivery",
       choice(output.is_required, Words<bool>{{"required", true}, {"best-effort", false}})},
      {"begin", choice(output.from_oldest, Words<bool>{{"newest", false}, {"oldest", true}})},
  };
}

std::vector<Field> network_fields(OutputOptions& output) {
  sink::NetworkOptions& o = output.network;
  std::vector<Field> fields = common(output);
  fields.push_back({"address", list(o.addresses, kAddress), Presence::required});
  fields.push_back({"tls", tls_table(o.tls)});
  fields.push_back({"proxy", text_if_any(o.proxy, kAddress)});
  fields.push_back({"connect_timeout", milliseconds(o.connect_timeout_ms, 100, kHourMs)});
  fields.push_back({"retry", section({
                                 {"first", milliseconds(o.retry_min_ms, 10, kHourMs)},
                                 {"longest", milliseconds(o.retry_max_ms, 10, kHourMs)},
                             })});
  fields.push_back({"connection_age", seconds(o.max_age_s, 10, 30 * 86'400)});
  return fields;
}

void append(std::vector<Field>& fields, std::vector<Field> more) {
  for (Field& field : more) fields.push_back(std::move(field));
}

std::vector<Field> message_fields(sink::SyslogFormatOptions& o, std::uint64_t max_bytes) {
  return {
      {"host", text_if_any(o.host, kNodeName)},
      {"app", text_if_any(o.app, kName)},
      {"facility", number(o.facility, 0, 23)},
      {"max_message", bytes(o.max_message_bytes, 1 * kKiB, max_bytes)},
  };
}

std::vector<Field> auth_fields(sink::HttpAuthOptions& o) {
  return {
      {"user", text_if_any(o.user, kText)},
      {"password_file", text_if_any(o.password_file, kFilePath)},
      {"token_file", text_if_any(o.token_file, kFilePath)},
      {"token_scheme", text_if_any(o.token_scheme, kName)},
      {"headers", pairs(o.headers)},
  };
}

std::vector<Field> splunk_fields(sink::SplunkOptions& o) {
  return {
      {"index", text_if_any(o.index, kText)},
      {"source", text_if_any(o.source, kText)},
      {"sourcetype", text_if_any(o.sourcetype, kText)},
      {"host", text_if_any(o.host, kText)},
      {"acks", yes_no(o.has_acks)},
      {"ack_poll", milliseconds_of(o.ack_poll, 10, kHourMs)},
      {"ack_timeout", milliseconds_of(o.ack_timeout, 100, kHourMs)},
  };
}

}  // namespace

std::vector<Field> syslog_fields(OutputOptions& output) {
  sink::SyslogOptions& o = output.syslog;
  std::vector<Field> fields = network_fields(output);
  append(fields, message_fields(o.format, 16 * kMiB));
  fields.push_back({"replay", section({
                                  {"size", bytes(o.replay_bytes, 0, 1024 * kMiB)},
                                  {"time", milliseconds_of(o.replay_time, 0, kHourMs)},
                              })});
  fields.push_back({"timeout", milliseconds_of(o.timeout, 100, kHourMs)});
  return fields;
}

std::vector<Field> relp_fields(OutputOptions& output) {
  sink::RelpOptions& o = output.relp;
  std::vector<Field> fields = network_fields(output);
  append(fields, message_fields(o.format, 16 * kMiB));
  fields.push_back({"window", number(o.window, 1, 100'000)});
  fields.push_back({"timeout", milliseconds_of(o.timeout, 100, kHourMs)});
  return fields;
}

std::vector<Field> udp_fields(OutputOptions& output) {
  constexpr std::uint64_t kDatagram = 65'507;
  sink::UdpOptions& o = output.udp;
  std::vector<Field> fields = common(output);
  fields.push_back({"address", text(o.address, kAddress), Presence::required});
  append(fields, message_fields(o.format, kDatagram));
  fields.push_back({"rate", number(o.rate, 1, 1'000'000)});
  fields.push_back({"retry", section({
                                 {"first", milliseconds_of(o.retry_min, 10, kHourMs)},
                                 {"longest", milliseconds_of(o.retry_max, 10, kHourMs)},
                             })});
  return fields;
}

std::vector<Field> http_fields(OutputOptions& output) {
  sink::HttpOptions& o = output.http;
  std::vector<Field> fields = network_fields(output);
  append(fields,
         {
             {"api",
              choice(o.kind, Words<sink::BulkKind>{{"elasticsearch", sink::BulkKind::elasticsearch},
                                                   {"opensearch", sink::BulkKind::elasticsearch},
                                                   {"splunk_hec", sink::BulkKind::splunk_hec},
                                                   {"loki", sink::BulkKind::loki},
                                                   {"ndjson", sink::BulkKind::ndjson},
                                                   {"otlp", sink::BulkKind::otlp}})},
             {"url_path", text_if_any(o.path, kText)},
             {"auth", section(auth_fields(o.auth))},
             {"compression",
              choice(o.compression, Words<sink::Compression>{{"none", sink::Compression::none},
                                                             {"gzip", sink::Compression::gzip},
                                                             {"zstd", sink::Compression::zstd}})},
             {"content_type", text_if_any(o.content_type, kText)},
             {"index", text_if_any(o.index, kText)},
             {"pipeline", text_if_any(o.pipeline, kText)},
             {"splunk", section(splunk_fields(o.splunk))},
             {"labels", pairs(o.labels)},
             {"request", section({
                             {"size", bytes(o.request_bytes, 1 * kKiB, 64 * kMiB)},
                             {"events", number(o.request_events, 1, 1'000'000)},
                             {"linger", milliseconds_of(o.linger, 0, 60'000)},
                         })},
             {"in_flight", bytes(o.in_flight_bytes, 1 * kKiB, 256 * kMiB)},
             {"max_requests", number(o.max_requests, 1, 64)},
             {"timeout", milliseconds_of(o.timeout, 100, kHourMs)},
         });
  return fields;
}

std::vector<Field> kafka_fields(OutputOptions& output) {
  sink::KafkaOptions& o = output.kafka;
  std::vector<Field> fields = common(output);
  append(fields,
         {
             {"address", list(o.brokers, kAddress), Presence::required},
             {"tls", tls_of(o.tls, o.tls.is_on,
                            {
                                {"ca", text_if_any(o.tls.ca_file, kFilePath)},
                                {"crl", text_if_any(o.tls.crl_file, kFilePath)},
                                {"cert", text_if_any(o.tls.cert_file, kFilePath)},
                                {"key", text_if_any(o.tls.key_file, kFilePath)},
                            })},
             {"topic", text_if_any(o.topic, kText), Presence::required},
             {"key", choice(o.key, Words<sink::KafkaKey>{{"process", sink::KafkaKey::process},
                                                         {"host", sink::KafkaKey::host},
                                                         {"none", sink::KafkaKey::none}})},
             {"client_id", text_if_any(o.client_id, kName)},
             {"sasl", section({
                          {"mechanism", text_if_any(o.sasl.mechanism, kName)},
                          {"user", text_if_any(o.sasl.user, kText)},
                          {"password_file", text_if_any(o.sasl.password_file, kFilePath)},
                      })},
             {"compression",
              choice(o.compression,
                     Words<std::string>{
                         {"zstd", "zstd"}, {"lz4", "lz4"}, {"gzip", "gzip"}, {"none", "none"}})},
             {"linger", milliseconds_of(o.linger, 0, 60'000)},
             {"max_message", bytes(o.max_message_bytes, 1 * kKiB, 64 * kMiB)},
             {"in_flight", bytes(o.in_flight_bytes, 64 * kKiB, 256 * kMiB)},
             {"properties", pairs(o.properties)},
         });
  return fields;
}

void check_shipped(const OutputOptions& output, const Node& map, Report& report) {
  const sink::TlsOptions& tls = output.network.tls;
  if (tls.cert.empty() != tls.key.empty()) {
    report.add_here(place_of(map, {"tls"}), "tls: cert and key go together");
  }
  if (output.network.retry_min_ms > output.network.retry_max_ms ||
      output.udp.retry_min > output.udp.retry_max) {
    report.add_here(place_of(map, {"retry"}), "retry: first is longer than longest");
  }
}

}  // namespace sorrel::config
