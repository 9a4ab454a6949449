#include "buffer/segment_cipher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "base/fd.h"
#include "base/hex.h"

namespace sorrel::buffer {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kMaxKeyFileBytes = 4096;
constexpr std::string_view kPurpose = "sorrel buffer segment 1";

struct Free {
  void operator()(EVP_CIPHER_CTX* it) const { EVP_CIPHER_CTX_free(it); }
  void operator()(EVP_KDF* it) const { EVP_KDF_free(it); }
  void operator()(EVP_KDF_CTX* it) const { EVP_KDF_CTX_free(it); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::array<unsigned char, kNonceBytes> nonce_of(std::uint32_t number) {
  std::array<unsigned char, kNonceBytes> nonce{};
  for (std::size_t i = 0; i < sizeof number; ++i) {
    nonce[i] = static_cast<unsigned char>(number >> (8 * i));
  }
  return nonce;
}

}  // namespace

SegmentCipher::SegmentCipher(std::string_view secret,
                             const std::array<unsigned char, kSaltBytes>& salt) {
  const Owned<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(kdf.get()));
  std::string digest = "SHA256";
  std::string key(secret);
  std::string purpose(kPurpose);
  auto salt_copy = salt;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy.data(), salt_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, purpose.data(), purpose.size()),
      OSSL_PARAM_construct_end()};
  const int derived = EVP_KDF_derive(context.get(), key_.data(), key_.size(), parameters);
  OPENSSL_cleanse(key.data(), key.size());
  SORREL_CHECK(derived == 1, "OpenSSL 3 has HKDF");
}

std::string SegmentCipher::seal(std::uint32_t number, std::string_view authenticated,
                                std::string_view plain) const {
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(number);
  std::string sealed(plain.size() + kTagBytes, '\0');
  int size = 0;
  const bool is_done = EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), key_.data(),
                                           nonce.data(), nullptr) == 1 &&
                       EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(authenticated),
                                         static_cast<int>(authenticated.size())) == 1 &&
                       EVP_EncryptUpdate(context.get(), bytes_of(sealed), &size, bytes_of(plain),
                                         static_cast<int>(plain.size())) == 1 &&
                       EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + size, &size) == 1 &&
                       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                                           sealed.data() + plain.size()) == 1;
  SORREL_CHECK(is_done, "AES-256-GCM of a block in memory cannot fail");
  return sealed;
}

std::optional<std::string> SegmentCipher::open(std::uint32_t number, std::string_view authenticated,
                                               std::string_view sealed) const {
  if (sealed.size() < kTagBytes) return std::nullopt;
  const std::string_view text = sealed.substr(0, sealed.size() - kTagBytes);
  std::string tag(sealed.substr(text.size()));
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  const auto nonce = nonce_of(number);
  std::string plain(text.size(), '\0');
  int size = 0;
  const bool is_right =
      EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), key_.data(), nonce.data(), nullptr) ==
          1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(authenticated),
                        static_cast<int>(authenticated.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(plain) + size, &size) == 1;
  return is_right ? std::optional(std::move(plain)) : std::nullopt;
}

Result<std::array<unsigned char, kSaltBytes>> random_salt() {
  std::array<unsigned char, kSaltBytes> salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
    return fail(std::errc::resource_unavailable_try_again, "the system gives no random bytes");
  }
  return salt;
}

Result<std::string> read_key_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return fail_errno(errno, "cannot open the buffer's key " + path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return fail_errno(errno, "cannot look at " + path);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(std::errc::permission_denied,
                "others than its owner may use the buffer's key " + path + ": chmod 600 " + path);
  }
  std::string key(kMaxKeyFileBytes, '\0');
  const ssize_t size = ::read(file.get(), key.data(), key.size());
  if (size < 0) return fail_errno(errno, "cannot read the buffer's key " + path);
  key.resize(static_cast<std::size_t>(size));
  std::string_view line = key;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.size() >= 2 * kKeyBytes) {
    if (auto decoded = decode_hex(line)) key = *std::move(decoded);
  }
  if (key.size() < kKeyBytes) {
    return fail(std::errc::invalid_argument,
                "the buffer's key " + path +
                    " is shorter than 32 bytes; make one by: openssl rand "
                    "-hex 32");
  }
  return key;
}

}  // namespace sorrel::buffer
