#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sorrel::sink {

enum class BulkKind : std::uint8_t { elasticsearch, splunk_hec, loki, ndjson, otlp };
enum class Compression : std::uint8_t { none, gzip, zstd };

// How requests prove who sends them. Secrets are in files (a systemd credential, say), never in the
// configuration; a file's last line break does not count, and it is read anew for each request.
struct HttpAuthOptions {
  std::string user;  // basic: with password_file
  std::string password_file;
  std::string token_file;    // "Authorization: SCHEME TOKEN"
  std::string token_scheme;  // empty: what the format expects (Bearer, Splunk)
  std::vector<std::pair<std::string, std::string>> headers;  // added as they are

  friend bool operator==(const HttpAuthOptions&, const HttpAuthOptions&) = default;
};

struct SplunkOptions {
  std::string index;  // empty: the token's own
  std::string source = "sorrel";
  std::string sourcetype = "sorrel:json";
  std::string host;       // empty: the collector's own idea
  bool has_acks = false;  // the token has "indexer acknowledgement" switched on
  std::chrono::milliseconds ack_poll{1'000};
  std::chrono::milliseconds ack_timeout{120'000};  // then the events are sent again

  friend bool operator==(const SplunkOptions&, const SplunkOptions&) = default;
};

// An output over HTTP. Defaults are those of a collector that is one hop away.
struct HttpOptions {
  BulkKind kind = BulkKind::elasticsearch;
  std::string path;  // empty: the format's usual one; a query may follow ("?_stream_fields=NODE")
  std::string host;  // Host header; empty: the endpoint's name and port
  HttpAuthOptions auth;
  Compression compression = Compression::none;
  std::string content_type;  // empty: the format's usual one

  // elasticsearch and opensearch: an index or a data stream. %Y %m %d stand for the day of the
  // event's own stamp, in UTC, so that an event that is sent again goes to the same index.
  std::string index = "sorrel";
  std::string pipeline;  // ingest pipeline; empty: the index's own
  SplunkOptions splunk;
  // loki: the stream's labels. otlp: the resource's attributes.
  std::vector<std::pair<std::string, std::string>> labels = {{"job", "sorrel"}};

  std::size_t request_bytes = 512u << 10;  // of the events in one, before compression
  std::size_t request_events = 4'096;
  std::chrono::milliseconds linger{50};        // between two takes that did not fill half a request
  std::size_t in_flight_bytes = 2u << 20;      // no more is taken while so much is not answered for
  std::uint32_t max_requests = 4;              // under way at the same time, over all endpoints
  std::size_t answer_bytes = 8u << 20;         // an answer that is larger is an error
  std::chrono::milliseconds timeout{60'000};   // without any progress of a request
  std::chrono::milliseconds retry_min{1'000};  // full jitter between 0 and twice the last
  std::chrono::milliseconds retry_max{60'000};
  std::chrono::milliseconds retry_after_max{300'000};  // no collector can hold us longer

  friend bool operator==(const HttpOptions&, const HttpOptions&) = default;
};

}  // namespace sorrel::sink
