#include "ruleset/names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "record/tables/names.h"

namespace sorrel::ruleset {
namespace {

using Row = std::pair<std::uint32_t, std::string_view>;

// S_IFMT of a file's mode.
constexpr auto kFileTypes = std::to_array<Row>({
    {0140000, "socket"},
    {0120000, "link"},
    {0100000, "file"},
    {0060000, "block"},
    {0040000, "dir"},
    {0020000, "character"},
    {0010000, "fifo"},
});

// Source: linux/include/uapi/linux/magic.h.
constexpr auto kFilesystems = std::to_array<Row>({
    {0x74726163, "tracefs"},
    {0x64626720, "debugfs"},
    {0x27e0eb, "cgroup"},
    {0x63677270, "cgroup2"},
});

constexpr auto kUringOps = std::to_array<std::string_view>({
    "nop",
    "readv",
    "writev",
    "fsync",
    "read_fixed",
    "write_fixed",
    "poll_add",
    "poll_remove",
    "sync_file_range",
    "sendmsg",
    "recvmsg",
    "timeout",
    "timeout_remove",
    "accept",
    "async_cancel",
    "link_timeout",
    "connect",
    "fallocate",
    "openat",
    "close",
    "files_update",
    "statx",
    "read",
    "write",
    "fadvise",
    "madvise",
    "send",
    "recv",
    "openat2",
    "epoll_ctl",
    "splice",
    "provide_buffers",
    "remove_buffers",
    "tee",
    "shutdown",
    "renameat",
    "unlinkat",
    "mkdirat",
    "symlinkat",
    "linkat",
    "msg_ring",
    "fsetxattr",
    "setxattr",
    "fgetxattr",
    "getxattr",
    "socket",
    "uring_cmd",
    "send_zc",
    "sendmsg_zc",
    "read_multishot",
    "waitid",
    "futex_wait",
    "futex_wake",
    "futex_waitv",
    "fixed_fd_install",
    "ftruncate",
    "bind",
    "listen",
    "recv_zc",
    "epoll_wait",
    "readv_fixed",
    "writev_fixed",
    "pipe",
    "nop128",
    "uring_cmd128",
});

std::optional<std::uint32_t> number_in(const auto& rows, std::string_view name) noexcept {
  for (const auto& [number, its_name] : rows) {
    if (its_name == name) return number;
  }
  return std::nullopt;
}

std::string_view name_in(const auto& rows, std::uint32_t number) noexcept {
  for (const auto& [its_number, name] : rows) {
    if (its_number == number) return name;
  }
  return {};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::uint32_t> errno_number(std::string_view name) noexcept {
  constexpr int kMaxErrno = 133;  // EHWPOISON
  if (name == "EWOULDBLOCK") name = "EAGAIN";
  if (name == "EDEADLOCK") name = "EDEADLK";
  for (int number = 1; number <= kMaxErrno && !name.empty(); ++number) {
    if (record::errno_name(number) == name) return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> family_number(std::string_view name) {
  constexpr int kMaxFamily = 64;
  std::string lower;
  for (const char c : name.substr(0, 32)) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (lower.starts_with("af_")) lower.erase(0, 3);
  if (lower == "unix") lower = "local";
  for (int number = 0; number <= kMaxFamily && !lower.empty(); ++number) {
    if (record::socket_family_name(number) == lower) return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> file_type_number(std::string_view name) noexcept {
  return number_in(kFileTypes, name);
}
std::string_view file_type_name(std::uint32_t mode) noexcept {
  return name_in(kFileTypes, mode);
}

std::optional<std::uint32_t> filesystem_number(std::string_view name) noexcept {
  return number_in(kFilesystems, name);
}
std::string_view filesystem_name(std::uint32_t magic) noexcept {
  return name_in(kFilesystems, magic);
}

std::optional<std::uint32_t> uring_op_number(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kUringOps, name);
  if (found == kUringOps.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - kUringOps.begin());
}
std::string_view uring_op_name(std::uint32_t number) noexcept {
  return number < kUringOps.size() ? kUringOps[number] : std::string_view{};
}

std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& names) {
  constexpr std::size_t kMaxWord = 32;
  if (word.size() > kMaxWord) return {};
  std::string_view best;
  std::size_t best_distance = 1 + word.size() / 3;
  for (const std::string_view name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance != 0 && distance <= best_distance && (best.empty() || distance < best_distance)) {
      best = name;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace sorrel::ruleset
