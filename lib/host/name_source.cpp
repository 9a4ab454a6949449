#include "host/name_source.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>

namespace sorrel::host {
namespace {

constexpr std::size_t kFirstBytes = 4096;

// `call` is getpwuid_r or getgrgid_r with its id; the buffer grows until the entry fits.
template <class Entry, class Call>
NameState look_up(std::vector<char>& buffer, Entry& entry, Call call) {
  if (buffer.empty()) buffer.resize(kFirstBytes);
  for (;;) {
    Entry* found = nullptr;
    const int error = call(&entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return NameState::found;
    switch (error) {
      // Which of these say that there is no such entry depends on the service: getpwnam(3).
      case 0:
      case ENOENT:
      case ESRCH:
        return NameState::absent;
      case EINTR:
        continue;
      case ERANGE:
        if (buffer.size() >= NssNames::kMaxEntryBytes) return NameState::failed;
        buffer.resize(buffer.size() * 2);
        continue;
      default:
        return NameState::failed;
    }
  }
}

NameState look_up_user(std::vector<char>& buffer, std::uint32_t uid, passwd& entry) {
  return look_up(buffer, entry, [uid](passwd* user, char* bytes, std::size_t size, passwd** found) {
    return ::getpwuid_r(uid, user, bytes, size, found);
  });
}

}  // namespace

NameState NssNames::user_name(std::uint32_t uid, std::string& name) {
  passwd entry{};
  const NameState state = look_up_user(buffer_, uid, entry);
  if (state == NameState::found) name = entry.pw_name;
  return state;
}

NameState NssNames::group_name(std::uint32_t gid, std::string& name) {
  group entry{};
  const NameState state = look_up(
      buffer_, entry, [gid](group* found_group, char* bytes, std::size_t size, group** found) {
        return ::getgrgid_r(gid, found_group, bytes, size, found);
      });
  if (state == NameState::found) name = entry.gr_name;
  return state;
}

NameState NssNames::groups_of(std::uint32_t uid, std::vector<std::uint32_t>& gids) {
  gids.clear();
  passwd entry{};
  const NameState state = look_up_user(buffer_, uid, entry);
  if (state != NameState::found) return state;
  static_assert(sizeof(gid_t) == sizeof(std::uint32_t));
  int count = 64;
  for (;;) {
    gids.resize(static_cast<std::size_t>(count));
    int needed = count;
    if (::getgrouplist(entry.pw_name, entry.pw_gid, gids.data(), &needed) >= 0) {
      gids.resize(static_cast<std::size_t>(needed));
      return NameState::found;
    }
    // It says how many it needs, or nothing new when it failed.
    if (needed <= count || needed > kMaxGroups) {
      gids.clear();
      return NameState::failed;
    }
    count = needed;
  }
}

}  // namespace sorrel::host
