#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sorrel::sink {

// What a message's key is, and so which messages share a partition and keep their order.
enum class KafkaKey : std::uint8_t { process, host, none };

struct KafkaTlsOptions {
  bool is_on = true;
  std::string ca_file;    // empty: the system's
  std::string crl_file;   // empty: none
  std::string cert_file;  // with key_file; empty: no client certificate
  std::string key_file;

  friend bool operator==(const KafkaTlsOptions&, const KafkaTlsOptions&) = default;
};

struct KafkaSaslOptions {
  std::string mechanism;  // SCRAM-SHA-256, SCRAM-SHA-512, PLAIN; empty: no SASL
  std::string user;
  std::string password_file;

  friend bool operator==(const KafkaSaslOptions&, const KafkaSaslOptions&) = default;
};

// A topic of Apache Kafka, or of what speaks its protocol.
struct KafkaOptions {
  std::vector<std::string> brokers;  // HOST:PORT, to begin with; the rest are found by asking them
  std::string topic;
  KafkaKey key = KafkaKey::process;
  std::string host;          // the key, with KafkaKey::host
  std::string schema = "1";  // the header of that name
  std::string client_id = "sorrel";
  KafkaTlsOptions tls;
  KafkaSaslOptions sasl;
  std::string compression = "zstd";  // of a batch: none, gzip, lz4, zstd
  // Of a request for what else comes for its partition. What we give librdkafka is whole within
  // this time, and nothing goes on for the partition meanwhile.
  std::chrono::milliseconds linger{5};
  std::size_t max_message_bytes = 976u << 10;  // the broker's message.max.bytes is about that
  // Of frames taken and not answered for. No more is taken while so many are under way.
  std::size_t in_flight_bytes = 4u << 20;
  std::size_t in_flight_frames = 20'000;
  std::chrono::milliseconds retry_min{1'000};
  std::chrono::milliseconds retry_max{60'000};
  // Further settings of librdkafka by their names; those that the guarantee rests on are refused.
  std::vector<std::pair<std::string, std::string>> properties;

  friend bool operator==(const KafkaOptions&, const KafkaOptions&) = default;
};

}  // namespace sorrel::sink
