#include "ruleset/match_permission.h"

#include <algorithm>

#include "ruleset/perm_calls.h"

namespace sorrel::ruleset {
namespace {

constexpr std::uint32_t kExecute = 1;
constexpr std::uint32_t kWrite = 2;
constexpr std::uint32_t kRead = 4;
constexpr std::uint32_t kAll = 15;

// O_RDONLY, O_WRONLY, O_RDWR, and 3, which means both to the kernel.
std::uint32_t of_open_flags(std::uint64_t flags) noexcept {
  constexpr std::array<std::uint32_t, 4> kModes = {kRead, kWrite, kRead | kWrite, kRead | kWrite};
  return kModes[flags & 3];
}

CallPermission of_open(const std::optional<std::uint64_t>& flags) noexcept {
  if (!flags) return {0, kRead | kWrite};
  return {of_open_flags(*flags), 0};
}

}  // namespace

CallPermission call_permission(std::string_view call,
                               const std::array<std::optional<std::uint64_t>, 4>& arguments) {
  if (call.empty()) return {0, kAll};
  if (call == "open") return of_open(arguments[1]);
  if (call == "openat") return of_open(arguments[2]);
  if (call == "openat2") return of_open(std::nullopt);
  if (call == "execve" || call == "execveat") return {kExecute, 0};
  CallPermission could;
  for (std::uint32_t bit = kExecute; bit <= kAll; bit <<= 1) {
    for (const auto names : {permission_calls(bit), narrow_permission_calls(bit)}) {
      if (std::ranges::find(names, call) != names.end()) could.sure |= bit;
    }
  }
  return could;
}

}  // namespace sorrel::ruleset
