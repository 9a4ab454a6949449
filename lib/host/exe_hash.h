#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/file_id.h"
#include "host/lru_cache.h"

namespace sorrel::host {

using Sha256 = std::array<std::uint8_t, 32>;

// 64 lower-case hex digits.
std::string to_hex(const Sha256& digest);

struct ExeHashOptions {
  std::uint64_t max_file_bytes = 10'000'000;
  std::size_t cache_entries = 1024;  // 0: no cache, each file is read each time
};

struct ExeHashCounters {
  std::uint64_t cache_hits = 0;
  std::uint64_t hashed = 0;
  std::uint64_t hashed_bytes = 0;
  std::uint64_t too_large = 0;
  std::uint64_t changed = 0;     // while it was read: no hash of either state
  std::uint64_t unreadable = 0;  // or no regular file
};

enum class HashState : std::uint8_t { hashed, too_large, changed, unreadable };

struct ExeHash {
  HashState state = HashState::unreadable;
  Sha256 digest{};  // when hashed
  FileId file;      // the state that was hashed, or that was met
};

// SHA-256 of executables, remembered by the state of the file. Reading a file takes milliseconds:
// for a thread of the pool, and for one at a time.
class ExeHasher {
 public:
  explicit ExeHasher(const ExeHashOptions& options);
  ~ExeHasher();
  ExeHasher(const ExeHasher&) = delete;
  ExeHasher& operator=(const ExeHasher&) = delete;

  // What is remembered of a file in this state.
  std::optional<Sha256> find(const FileId& file);
  // Hashes the file behind `fd`, which is open for reading; its offset is left alone. A file whose
  // state is another one after it was read has no hash, since nobody can tell what was read.
  ExeHash hash(int fd);

  const ExeHashCounters& counters() const noexcept { return counters_; }
  std::size_t cache_size() const noexcept { return cache_.size(); }

 private:
  struct FileIdHash {
    std::size_t operator()(const FileId& file) const noexcept;
  };
  struct Context;  // OpenSSL's

  bool read(int fd, std::uint64_t size, Sha256& digest);

  const ExeHashOptions options_;
  ExeHashCounters counters_;
  LruCache<FileId, Sha256, FileIdHash> cache_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace sorrel::host
