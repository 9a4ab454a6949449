#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sorrel::sink {

// TLS towards a collector. The collector's certificate and name are always checked; the only way
// without is `is_on` false, which has to be written into the configuration and is warned of.
struct TlsOptions {
  bool is_on = true;
  std::string ca;    // PEM file of authorities; empty: the system's
  std::string crl;   // PEM file of revoked certificates; empty: none are asked for
  std::string cert;  // PEM file of our certificate and its chain; with key
  std::string key;
  std::string server_name;  // the name that its certificate must have; empty: the address's
  // SHA-256 of certificates, 64 hex digits; when there are any, the collector's must be one of
  // them.
  std::vector<std::string> fingerprints;

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

struct NetworkOptions {
  std::vector<std::string> addresses;  // HOST:PORT or [V6]:PORT; any of them will do
  TlsOptions tls;
  std::string proxy;                          // HOST:PORT of an HTTP proxy (CONNECT); empty: none
  std::uint32_t connect_timeout_ms = 10'000;  // of each step: name, connection, proxy, handshake
  std::uint32_t retry_min_ms = 1'000;         // full jitter between 0 and twice the last
  std::uint32_t retry_max_ms = 60'000;
  std::uint32_t max_age_s = 600;  // of a connection, so that load spreads; less up to a fifth

  friend bool operator==(const NetworkOptions&, const NetworkOptions&) = default;
};

}  // namespace sorrel::sink
