#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sink/endpoint.h"
#include "sink/network_options.h"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace sorrel::sink {

struct FreeTls {
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_session_st* session) const;
};
using TlsSession = std::unique_ptr<ssl_session_st, FreeTls>;

// What connections of one output share: authorities, our certificate, the sessions to resume.
// Outlives them.
class TlsContext {
 public:
  // Reads all files. Errors name the file, what is wrong with it and what to do: it cannot be read,
  // is no PEM, the key is not that of the certificate, our certificate has expired.
  static Result<std::shared_ptr<TlsContext>> load(const TlsOptions& options);

  ssl_ctx_st* native() const noexcept { return context_.get(); }
  // When our certificate ends, in seconds since the epoch; nothing without one.
  std::optional<std::int64_t> ends_s() const noexcept { return ends_s_; }

  // Newer files are in use: connections with this one end when they can.
  bool is_replaced() const noexcept { return is_replaced_; }
  void set_replaced() noexcept { is_replaced_ = true; }

  // Makes a connection check for the endpoint's name or address (the configured name goes first),
  // and take up the last session with this endpoint.
  Status prepare(ssl_st* connection, const Endpoint& endpoint);
  // After the handshake: the fingerprint, when some are asked for.
  Status check_pinned(ssl_st* connection) const;

 private:
  explicit TlsContext(const TlsOptions& options) : options_(options) {}
  Status read_authorities();
  Status read_certificate();

  const TlsOptions options_;
  std::unique_ptr<ssl_ctx_st, FreeTls> context_;
  std::map<std::string, TlsSession> sessions_;  // by endpoint; connections point into it
  std::vector<std::string> pinned_;             // binary
  std::optional<std::int64_t> ends_s_;
  bool is_replaced_ = false;
};

// The context of an output over time: its files are looked at again, and when one has changed, also
// by the swap of a symbolic link above it, a new context is for new connections. One that cannot be
// loaded is told of, and the old one stays.
class TlsContexts {
 public:
  static Result<std::unique_ptr<TlsContexts>> create(std::string output, const TlsOptions& options);

  const std::shared_ptr<TlsContext>& current() const noexcept { return current_; }
  // Looks at the files: a few calls of stat.
  void refresh();
  // Why the files that are there now are not in use; empty: they are.
  const std::string& trouble() const noexcept { return trouble_; }

 private:
  TlsContexts(std::string output, const TlsOptions& options)
      : output_(std::move(output)), options_(options) {}
  std::string stamp() const;

  const std::string output_;
  const TlsOptions options_;
  std::shared_ptr<TlsContext> current_;
  std::string stamp_;
  std::string trouble_;
};

// What a failed handshake or read means, for people: OpenSSL's reason, why the certificate was not
// believed, and what to do about it. `connection` may be null.
std::string describe_tls_error(ssl_st* connection, unsigned long openssl_error);

}  // namespace sorrel::sink
