#include "host/group_lists.h"

#include <algorithm>

namespace sorrel::host {

GroupLists::GroupLists(std::vector<User> users, std::vector<Member> members,
                       std::size_t max_groups) {
  const auto by_uid = [](const User& a, const User& b) { return a.uid < b.uid; };
  const auto same_uid = [](const User& a, const User& b) { return a.uid == b.uid; };
  const auto by_user = [](const Member& a, const Member& b) { return a.user < b.user; };
  std::stable_sort(users.begin(), users.end(), by_uid);
  users.erase(std::unique(users.begin(), users.end(), same_uid), users.end());
  std::stable_sort(members.begin(), members.end(), by_user);

  lists_.reserve(users.size());
  for (const User& user : users) {
    const std::size_t begin = gids_.size();
    gids_.push_back(user.primary_gid);
    const auto [first, last] =
        std::equal_range(members.begin(), members.end(), Member{user.name, 0}, by_user);
    for (auto member = first; member != last; ++member) {
      const auto list = gids_.begin() + static_cast<std::ptrdiff_t>(begin);
      if (std::find(list, gids_.end(), member->gid) != gids_.end()) continue;
      if (gids_.size() - begin == max_groups) {
        // Those who are left are not looked through: very many would take quadratic time.
        dropped_ += static_cast<std::uint64_t>(last - member);
        break;
      }
      gids_.push_back(member->gid);
    }
    lists_.push_back({user.uid, static_cast<std::uint32_t>(gids_.size() - begin), begin});
  }
}

std::span<const std::uint32_t> GroupLists::of(std::uint32_t uid) const noexcept {
  const auto list =
      std::lower_bound(lists_.begin(), lists_.end(), uid,
                       [](const List& entry, std::uint32_t wanted) { return entry.uid < wanted; });
  if (list == lists_.end() || list->uid != uid) return {};
  return {gids_.data() + list->begin, list->size};
}

}  // namespace sorrel::host
