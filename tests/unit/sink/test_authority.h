#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace sorrel::sink {

// A certificate and its key, as PEM.
struct TestCertificate {
  std::string certificate;
  std::string key;
  std::string fingerprint;  // SHA-256, in hex
  long serial = 0;
};

// An authority that is made for a test: it issues certificates and lists of revoked ones.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name, const TestAuthority* issuer = nullptr);
  ~TestAuthority();

  // For "localhost" and 127.0.0.1, from a day ago until so many days from now.
  TestCertificate issue(const std::string& name, int days = 2,
                        const std::string& dns = "localhost");
  const std::string& certificate() const noexcept { return pem_; }
  long serial() const noexcept { return serial_; }
  std::string revocation_list(const std::vector<long>& serials) const;

 private:
  std::shared_ptr<x509_st> certificate_;
  std::shared_ptr<evp_pkey_st> key_;
  std::string pem_;
  long serial_ = 0;
};

}  // namespace sorrel::sink
