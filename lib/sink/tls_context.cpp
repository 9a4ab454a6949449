#include "sink/tls_context.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/hex.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kFingerprintBytes = 32;

std::string last_reason() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "" : std::string(": ") + reason;
}

// OpenSSL's own words for a missing file do not name it.
Status check_readable(const std::string& path, const char* what) {
  if (::access(path.c_str(), R_OK) == 0) return Ok{};
  return fail_errno(errno, std::string("cannot read ") + what + " " + path);
}

Unexpected<Error> unusable(const std::string& path, const char* what) {
  return fail(std::errc::invalid_argument,
              std::string(what) + " " + path + " cannot be used" + last_reason());
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// Where a connection has the place of its endpoint's session. Not in OpenSSL's "application data":
// Asio takes that for a callback of its own, and deletes it.
int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int keep_session(SSL* connection, SSL_SESSION* session) {
  auto* const place = static_cast<TlsSession*>(SSL_get_ex_data(connection, session_index()));
  if (place == nullptr) return 0;
  place->reset(session);
  return 1;  // it is ours now
}

}  // namespace

void FreeTls::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

void FreeTls::operator()(ssl_session_st* session) const {
  SSL_SESSION_free(session);
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsOptions& options) {
  std::shared_ptr<TlsContext> made(new TlsContext(options));
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = made->context_.get();
  if (context == nullptr) return fail(std::errc::not_enough_memory, "OpenSSL has no memory");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  if (const Status read = made->read_authorities(); !read) return Unexpected<Error>(read.error());
  if (const Status read = made->read_certificate(); !read) return Unexpected<Error>(read.error());
  for (const std::string& text : options.fingerprints) {
    auto bytes = decode_hex(text);
    if (!bytes || bytes->size() != kFingerprintBytes) {
      return fail(std::errc::invalid_argument,
                  "the fingerprint '" + text + "' is not the 64 hex digits of a SHA-256");
    }
    made->pinned_.push_back(*std::move(bytes));
  }
  return made;
}

Status TlsContext::read_authorities() {
  SSL_CTX* const context = context_.get();
  ERR_clear_error();
  if (options_.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else {
    if (Status read = check_readable(options_.ca, "the authorities' file"); !read) return read;
    if (SSL_CTX_load_verify_locations(context, options_.ca.c_str(), nullptr) != 1) {
      return unusable(options_.ca, "the authorities' file");
    }
  }
  if (options_.crl.empty()) return Ok{};
  if (Status read = check_readable(options_.crl, "the list of revoked certificates"); !read) {
    return read;
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (X509_load_crl_file(lookup, options_.crl.c_str(), X509_FILETYPE_PEM) < 1) {
    return unusable(options_.crl, "the list of revoked certificates");
  }
  // Of the whole chain: an authority between can be revoked, too.
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return Ok{};
}

Status TlsContext::read_certificate() {
  if (options_.cert.empty() && options_.key.empty()) return Ok{};
  if (options_.cert.empty() || options_.key.empty()) {
    return fail(std::errc::invalid_argument, "tls.cert and tls.key go together");
  }
  SSL_CTX* const context = context_.get();
  if (Status read = check_readable(options_.cert, "our certificate"); !read) return read;
  if (Status read = check_readable(options_.key, "our key"); !read) return read;
  if (SSL_CTX_use_certificate_chain_file(context, options_.cert.c_str()) != 1) {
    return unusable(options_.cert, "our certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context, options_.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return fail(std::errc::invalid_argument,
                "the key " + options_.key + " is not that of the certificate " + options_.cert);
  }
  const ASN1_TIME* const end = X509_get0_notAfter(SSL_CTX_get0_certificate(context));
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(end, &broken_down) == 1) ends_s_ = ::timegm(&broken_down);
  if (X509_cmp_current_time(end) <= 0) {
    return fail(std::errc::invalid_argument,
                "our certificate " + options_.cert + " has expired; put a new one in its place");
  }
  return Ok{};
}

Status TlsContext::prepare(ssl_st* connection, const Endpoint& endpoint) {
  const std::string& name = options_.server_name.empty() ? endpoint.host : options_.server_name;
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  bool is_set = false;
  if (is_address(name)) {
    is_set = X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    is_set = X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size()) == 1 &&
             // SSL_set_tlsext_host_name(), a macro with casts of C.
             SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                      const_cast<char*>(name.c_str())) == 1;
  }
  // Without a name nothing would be compared.
  if (!is_set) return fail(std::errc::invalid_argument, "'" + name + "' is no name to check for");
  TlsSession& session = sessions_[endpoint.to_string()];
  SSL_set_ex_data(connection, session_index(), &session);
  if (session) SSL_set_session(connection, session.get());
  return Ok{};
}

Status TlsContext::check_pinned(ssl_st* connection) const {
  if (pinned_.empty()) return Ok{};
  std::array<unsigned char, kFingerprintBytes> digest{};
  unsigned int size = 0;
  X509* const certificate = SSL_get0_peer_certificate(connection);
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) {
    return fail(std::errc::permission_denied, "the collector shows no certificate");
  }
  const std::string found(reinterpret_cast<const char*>(digest.data()), digest.size());
  if (std::find(pinned_.begin(), pinned_.end(), found) != pinned_.end()) return Ok{};
  return fail(
      std::errc::permission_denied,
      "the collector's certificate is none of tls.fingerprints; it is " + encode_hex(found));
}

std::string describe_tls_error(ssl_st* connection, unsigned long openssl_error) {
  const char* const reason = ERR_reason_error_string(openssl_error);
  std::string text = reason == nullptr ? "TLS failed" : reason;
  const long verified = connection == nullptr ? X509_V_OK : SSL_get_verify_result(connection);
  switch (verified) {
    case X509_V_OK:
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the collector's certificate has expired: it needs a new one";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the collector's certificate is for another name: write the name that it has as the "
             "address, or as tls.server_name";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the collector's certificate is not of an authority in tls.ca";
    case X509_V_ERR_CERT_REVOKED:
      return "the collector's certificate, or an authority between, has been revoked";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return "tls.crl has no list of each authority in the chain of the collector's certificate: "
             "put the lists of all of them, the root's too, into that file";
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return "a list of revoked certificates in tls.crl has expired: it needs a new one";
    default:
      return std::string("the collector's certificate is not believed: ") +
             X509_verify_cert_error_string(verified);
  }
  switch (ERR_GET_REASON(openssl_error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return text + ": the collector wants a certificate of ours (tls.cert and tls.key)";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return text + ": the collector does not believe our certificate (tls.cert)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return text + ": our certificate has expired (tls.cert)";
    case SSL_R_WRONG_VERSION_NUMBER:
      return text + ": the collector does not speak TLS on this port";
    default:
      return text;
  }
}

}  // namespace sorrel::sink
