#include "test_authority.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/hex.h"

namespace sorrel::sink {
namespace {

constexpr long kDayS = 86'400;

std::shared_ptr<EVP_PKEY> make_key() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  SORREL_CHECK(key != nullptr, "a key");
  return {key, EVP_PKEY_free};
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  SORREL_CHECK(write(out.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_ctrl(out.get(), BIO_CTRL_INFO, 0, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

void add_extension(X509* to, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  SORREL_CHECK(made != nullptr, "an extension");
  X509_add_ext(to, made, -1);
  X509_EXTENSION_free(made);
}

// Without extensions and unsigned. Serials are never the same.
std::shared_ptr<X509> draft(const std::string& name, EVP_PKEY* key, int days, long& serial) {
  static long last_serial = 1000;
  serial = ++last_serial;
  std::shared_ptr<X509> made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), (days < 0 ? days : 0) * kDayS - kDayS);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days * kDayS);
  X509_set_pubkey(made.get(), key);
  const std::string text = name;
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
  return made;
}

std::string pem_of_certificate(X509* certificate) {
  return pem_of([certificate](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name, const TestAuthority* issuer)
    : key_(make_key()) {
  certificate_ = draft(name, key_.get(), 10, serial_);
  X509* const above = issuer == nullptr ? certificate_.get() : issuer->certificate_.get();
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(above));
  add_extension(certificate_.get(), above, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), above, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate_.get(), issuer == nullptr ? key_.get() : issuer->key_.get(), EVP_sha256());
  pem_ = pem_of_certificate(certificate_.get());
}

TestAuthority::~TestAuthority() = default;

TestCertificate TestAuthority::issue(const std::string& name, int days, const std::string& dns) {
  TestCertificate made;
  const auto key = make_key();
  const auto certificate = draft(name, key.get(), days, made.serial);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate.get(), certificate_.get(), NID_subject_alt_name,
                "DNS:" + dns + ",IP:127.0.0.1");
  X509_sign(certificate.get(), key_.get(), EVP_sha256());
  made.certificate = pem_of_certificate(certificate.get());
  made.key = pem_of([&key](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  X509_digest(certificate.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()),
              &size);
  digest.resize(size);
  made.fingerprint = encode_hex(digest);
  return made;
}

std::string TestAuthority::revocation_list(const std::vector<long>& serials) const {
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(X509_CRL_new(), X509_CRL_free);
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> time(ASN1_TIME_new(), ASN1_TIME_free);
  X509_gmtime_adj(time.get(), -kDayS);
  X509_CRL_set1_lastUpdate(list.get(), time.get());
  for (const long serial : serials) {
    X509_REVOKED* const revoked = X509_REVOKED_new();
    ASN1_INTEGER* const number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, serial);
    X509_REVOKED_set_serialNumber(revoked, number);
    X509_REVOKED_set_revocationDate(revoked, time.get());
    ASN1_INTEGER_free(number);
    X509_CRL_add0_revoked(list.get(), revoked);
  }
  X509_gmtime_adj(time.get(), 2 * kDayS);
  X509_CRL_set1_nextUpdate(list.get(), time.get());
  X509_CRL_sort(list.get());
  SORREL_CHECK(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) != 0, "a CRL");
  return pem_of([&list](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
}

}  // namespace sorrel::sink
