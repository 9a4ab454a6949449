#include "host/exe_hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "base/fd.h"
#include "catch.h"
#include "temp_root.h"

namespace sorrel::host {
namespace {

constexpr std::string_view kEmpty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2
constexpr std::string_view kMillionA =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

Fd open_file(const TempRoot& root, const std::string& name) {
  return Fd(::open((root.path + name).c_str(), O_RDONLY | O_CLOEXEC));
}

TEST_CASE("the hash of a file is its SHA-256", "[host]") {
  struct Row {
    std::string content;
    std::string_view hash;
  };
  const Row row = GENERATE(
      values<Row>({{"", kEmpty}, {"abc", kAbc}, {std::string(1'000'000, 'a'), kMillionA}}));
  const TempRoot root;
  root.write("/file", row.content);
  ExeHasher hasher(ExeHashOptions{});
  const ExeHash hash = hasher.hash(open_file(root, "/file").get());
  REQUIRE(hash.state == HashState::hashed);
  CHECK(to_hex(hash.digest) == row.hash);
  CHECK(hash.file.size == row.content.size());
}

TEST_CASE("a file in the same state is read once", "[host]") {
  const TempRoot root;
  root.write("/file", "abc");
  ExeHasher hasher(ExeHashOptions{});
  const ExeHash first = hasher.hash(open_file(root, "/file").get());
  CHECK(to_hex(hasher.hash(open_file(root, "/file").get()).digest) == kAbc);
  REQUIRE(hasher.find(first.file).has_value());
  CHECK(hasher.counters().hashed == 1);
  CHECK(hasher.counters().cache_hits == 2);
}

TEST_CASE("each part of a file's state counts", "[host]") {
  const TempRoot root;
  root.write("/file", "abc");
  ExeHasher hasher(ExeHashOptions{});
  const FileId file = hasher.hash(open_file(root, "/file").get()).file;
  const auto changed = GENERATE(range(0, 7));
  FileId other = file;
  switch (changed) {
    case 0:
      other.device += 1;
      break;
    case 1:
      other.inode += 1;
      break;
    case 2:
      other.size += 1;
      break;
    case 3:
      other.mtime_seconds += 1;
      break;
    case 4:
      other.mtime_nanoseconds ^= 1;
      break;
    case 5:
      other.ctime_seconds += 1;
      break;
    default:
      other.ctime_nanoseconds ^= 1;
      break;
  }
  CHECK_FALSE(hasher.find(other).has_value());
  CHECK(hasher.find(file).has_value());
}

TEST_CASE("a program that sets the time of a file back does not get the old hash", "[host]") {
  const TempRoot root;
  root.write("/file", "abc");
  const std::string path = root.path + "/file";
  struct stat before {};
  REQUIRE(::stat(path.c_str(), &before) == 0);
  ExeHasher hasher(ExeHashOptions{});
  hasher.hash(open_file(root, "/file").get());
  // Until the kernel's clock has moved on, which is a matter of milliseconds.
  struct stat after {};
  do {
    root.write("/file", "xyz");
    const timespec times[2] = {before.st_atim, before.st_mtim};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    REQUIRE(::stat(path.c_str(), &after) == 0);
  } while (after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
  REQUIRE(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
  CHECK(to_hex(hasher.hash(open_file(root, "/file").get()).digest) != kAbc);
}

TEST_CASE("without a cache every file is hashed every time", "[host]") {
  const TempRoot root;
  root.write("/file", "abc");
  ExeHasher hasher(ExeHashOptions{.cache_entries = 0});
  for (int i = 0; i < 2; ++i)
    CHECK(to_hex(hasher.hash(open_file(root, "/file").get()).digest) == kAbc);
  CHECK(hasher.counters().hashed == 2);
  CHECK(hasher.cache_size() == 0);
}

TEST_CASE("the cache keeps the files that were asked for last", "[host]") {
  const TempRoot root;
  ExeHasher hasher(ExeHashOptions{.cache_entries = 2});
  for (const char* name : {"/a", "/b", "/c"}) root.write(name, name);
  const FileId a = hasher.hash(open_file(root, "/a").get()).file;
  const FileId b = hasher.hash(open_file(root, "/b").get()).file;
  CHECK(hasher.find(a).has_value());
  hasher.hash(open_file(root, "/c").get());
  CHECK(hasher.find(a).has_value());
  CHECK_FALSE(hasher.find(b).has_value());
  CHECK(hasher.cache_size() == 2);
}

TEST_CASE("a file beyond the limit has no hash", "[host]") {
  const TempRoot root;
  root.write("/file", "abcd");
  ExeHasher hasher(ExeHashOptions{.max_file_bytes = 3});
  CHECK(hasher.hash(open_file(root, "/file").get()).state == HashState::too_large);
  CHECK(hasher.counters().too_large == 1);
  root.write("/file", "abc");
  CHECK(hasher.hash(open_file(root, "/file").get()).state == HashState::hashed);
}

TEST_CASE("what is no regular file has no hash", "[host]") {
  const TempRoot root;
  ExeHasher hasher(ExeHashOptions{});
  CHECK(hasher.hash(-1).state == HashState::unreadable);
  CHECK(hasher.hash(open_file(root, "/etc").get()).state == HashState::unreadable);
  // It says that it has no byte, and has some.
  const Fd status(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  CHECK(hasher.hash(status.get()).state == HashState::unreadable);
  CHECK(hasher.counters().unreadable == 3);
}

TEST_CASE("a file that changes while it is read has no hash, and none is kept", "[host]") {
  const TempRoot root;
  root.write("/file", std::string(8'000'000, 'a'));
  ExeHasher hasher(ExeHashOptions{.max_file_bytes = 1'000'000'000});
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const Fd file(::open((root.path + "/file").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    while (!stop) {
      if (::write(file.get(), "b", 1) != 1) break;
    }
  });
  bool is_seen = false;
  for (int i = 0; i < 1000 && !is_seen; ++i) {
    const ExeHash hash = hasher.hash(open_file(root, "/file").get());
    is_seen = hash.state == HashState::changed && !hasher.find(hash.file).has_value();
  }
  stop = true;
  writer.join();
  CHECK(is_seen);
}

}  // namespace
}  // namespace sorrel::host
