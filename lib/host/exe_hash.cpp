#include "host/exe_hash.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <openssl/evp.h>

#include "base/check.h"

namespace sorrel::host {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

}  // namespace

struct ExeHasher::Context {
  Context() : digest(EVP_MD_CTX_new()), algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
    SORREL_CHECK(digest != nullptr && algorithm != nullptr, "OpenSSL must have SHA-256");
  }
  ~Context() {
    EVP_MD_free(algorithm);
    EVP_MD_CTX_free(digest);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* digest;
  EVP_MD* algorithm;
};

std::string to_hex(const Sha256& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

ExeHasher::ExeHasher(const ExeHashOptions& options)
    : options_(options),
      cache_(options.cache_entries),
      context_(std::make_unique<Context>()),
      buffer_(std::make_unique<char[]>(kBlockBytes)) {}

ExeHasher::~ExeHasher() = default;

std::size_t ExeHasher::FileIdHash::operator()(const FileId& file) const noexcept {
  std::uint64_t hash = file.inode * 0x9e3779b97f4a7c15;
  for (const std::uint64_t part :
       {file.device, file.size, static_cast<std::uint64_t>(file.ctime_seconds) << 30,
        std::uint64_t{file.ctime_nanoseconds}})
    hash = (hash ^ (hash >> 29) ^ part) * 0xbf58476d1ce4e5b9;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

std::optional<Sha256> ExeHasher::find(const FileId& file) {
  const Sha256* const digest = cache_.find(file);
  if (digest == nullptr) return std::nullopt;
  ++counters_.cache_hits;
  return *digest;
}

ExeHash ExeHasher::hash(int fd) {
  ExeHash result;
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ++counters_.unreadable;
    return result;
  }
  result.file = file_id(status);
  if (result.file.size > options_.max_file_bytes) {
    ++counters_.too_large;
    result.state = HashState::too_large;
    return result;
  }
  if (const std::optional<Sha256> digest = find(result.file); digest) {
    result.digest = *digest;
    result.state = HashState::hashed;
    return result;
  }
  const bool is_read = read(fd, result.file.size, result.digest);
  struct stat after {};
  if (::fstat(fd, &after) != 0 || !(file_id(after) == result.file)) {
    ++counters_.changed;
    result.state = HashState::changed;
  } else if (!is_read) {
    ++counters_.unreadable;
  } else {
    ++counters_.hashed;
    counters_.hashed_bytes += result.file.size;
    result.state = HashState::hashed;
    cache_.put(result.file, result.digest);
  }
  return result;
}

// Reads `size` bytes, which the file must have and no more.
bool ExeHasher::read(int fd, std::uint64_t size, Sha256& digest) {
  if (EVP_DigestInit_ex2(context_->digest, context_->algorithm, nullptr) != 1) return false;
  std::uint64_t at = 0;
  for (;;) {
    const ssize_t count = ::pread(fd, buffer_.get(), kBlockBytes, static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    if (count == 0) break;
    at += static_cast<std::uint64_t>(count);
    if (at > size) return false;
    EVP_DigestUpdate(context_->digest, buffer_.get(), static_cast<std::size_t>(count));
  }
  unsigned written = 0;
  return at == size && EVP_DigestFinal_ex(context_->digest, digest.data(), &written) == 1 &&
         written == digest.size();
}

}  // namespace sorrel::host
