#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/group_lists.h"
#include "host/name_table.h"

namespace sorrel::host {

// What became of one of the two files.
struct UserFileReport {
  std::string path;  // as the host under the root calls it
  std::uint64_t entries = 0;
  std::uint64_t malformed_lines = 0;
  std::uint64_t first_malformed_line = 0;  // from 1; 0: none
  std::uint64_t duplicate_lines = 0;       // whose name or id an earlier line has
  std::string note;                        // for a person, when something is worth saying
};

// The users and groups of a host, read from its passwd and group files and nothing else: no name
// service, so no look-up ever waits for a network, and an image of another host gives that host's
// names. A snapshot: load it again when the files changed.
// Source: passwd(5), group(5).
class UserDb {
 public:
  static constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxNameBytes = 256;  // LOGIN_NAME_MAX
  static constexpr std::size_t kMaxGroupsOfUser = 1024;
  // (uid_t)-1: no user or group, but "not set", as the auid of a process that nobody logged in to.
  static constexpr std::uint32_t kUnset = 0xffffffff;

  // Reads ROOT/etc/passwd and ROOT/etc/group; `root` is "/", or a folder. A missing file is an
  // empty table with a note. Lines that are malformed are skipped and counted; empty lines,
  // comments and the + and - lines of NIS are skipped. Errors: the root is no folder, or a file
  // cannot be read or has more than kMaxFileBytes.
  static Result<UserDb> load(const std::string& root);
  // The same of the texts of the two files.
  static UserDb parse(std::string_view passwd, std::string_view group);

  // "unset" for kUnset; nothing for an id that the files do not have. Valid while this lives.
  std::optional<std::string_view> user_name(std::uint32_t uid) const noexcept;
  std::optional<std::string_view> group_name(std::uint32_t gid) const noexcept;
  std::optional<std::uint32_t> user_id(std::string_view name) const noexcept;
  std::optional<std::uint32_t> group_id(std::string_view name) const noexcept;

  // The groups of a user: the primary one first, then those that have its name among their members,
  // in the order of the file. Empty when the user is not in the file. Valid while this lives.
  std::span<const std::uint32_t> groups_of(std::uint32_t uid) const noexcept;

  // Memberships beyond kMaxGroupsOfUser.
  std::uint64_t groups_dropped() const noexcept { return group_lists_.dropped(); }

  const UserFileReport& users_report() const noexcept { return users_report_; }
  const UserFileReport& groups_report() const noexcept { return groups_report_; }

 private:
  NameTable users_;
  NameTable groups_;
  GroupLists group_lists_;
  UserFileReport users_report_;
  UserFileReport groups_report_;
};

}  // namespace sorrel::host
