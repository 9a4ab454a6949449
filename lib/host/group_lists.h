#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sorrel::host {

// The groups of each user, looked up without allocation.
class GroupLists {
 public:
  struct User {
    std::uint32_t uid = 0;
    std::uint32_t primary_gid = 0;
    std::string_view name;
  };
  struct Member {
    std::string_view user;
    std::uint32_t gid = 0;
  };

  GroupLists() = default;
  // Of users with one uid the first counts, as getpwuid(3) finds it, and with it its name's groups.
  // The order of `members` is kept. A user has at most `max_groups`; more are counted. No view is
  // kept.
  GroupLists(std::vector<User> users, std::vector<Member> members, std::size_t max_groups);

  // The primary group first, each group once; empty for a user that was not given.
  std::span<const std::uint32_t> of(std::uint32_t uid) const noexcept;
  // Of all users, beyond `max_groups` of one.
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  struct List {
    std::uint32_t uid = 0;
    std::uint32_t size = 0;
    std::size_t begin = 0;
  };
  std::vector<List> lists_;  // by uid
  std::vector<std::uint32_t> gids_;
  std::uint64_t dropped_ = 0;
};

}  // namespace sorrel::host
