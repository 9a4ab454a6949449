#include "ruleset/perm_calls.h"

#include <array>

namespace sorrel::ruleset {
namespace {

constexpr auto kExecute = std::to_array<std::string_view>({"execve", "execveat"});

constexpr auto kWrite = std::to_array<std::string_view>({
    // names in folders
    "creat",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    // contents
    "open",
    "openat",
    "openat2",
    "truncate",
    "ftruncate",
    "fallocate",
    // what else a path can be given to
    "acct",
    "bind",
    "quotactl",
    "quotactl_fd",
    "swapon",
});

constexpr auto kRead = std::to_array<std::string_view>({
    "open",
    "openat",
    "openat2",
    "readlink",
    "readlinkat",
    "quotactl",
    "file_getattr",
    "getxattr",
    "getxattrat",
    "lgetxattr",
    "fgetxattr",
    "listxattr",
    "listxattrat",
    "llistxattr",
    "flistxattr",
});

constexpr auto kAttributes = std::to_array<std::string_view>({
    "chmod",        "fchmod",       "fchmodat",    "fchmodat2",     "chown",
    "fchown",       "fchownat",     "lchown",      "setxattr",      "setxattrat",
    "lsetxattr",    "fsetxattr",    "removexattr", "removexattrat", "lremovexattr",
    "fremovexattr", "file_setattr", "link",        "linkat",
});

constexpr auto kNarrowWrite =
    std::to_array<std::string_view>({"truncate64", "ftruncate64", "socketcall"});
constexpr auto kNarrowAttributes =
    std::to_array<std::string_view>({"chown32", "fchown32", "lchown32"});

}  // namespace

std::span<const std::string_view> permission_calls(std::uint32_t permission) noexcept {
  switch (permission) {
    case 1:
      return kExecute;
    case 2:
      return kWrite;
    case 4:
      return kRead;
    case 8:
      return kAttributes;
    default:
      return {};
  }
}

std::span<const std::string_view> narrow_permission_calls(std::uint32_t permission) noexcept {
  if (permission == 2) return kNarrowWrite;
  if (permission == 8) return kNarrowAttributes;
  return {};
}

}  // namespace sorrel::ruleset
