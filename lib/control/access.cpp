#include "control/access.h"

#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sorrel::control {
namespace {

constexpr std::size_t kGroupBytes = 16'384;
// A group of a directory server can have very many members.
constexpr std::size_t kMaxGroupBytes = 16u << 20;
// linux/limits.h, NGROUPS_MAX.
constexpr std::size_t kMaxGroups = 65'536;

// Calls one of the getgr..._r() until the memory that it is given is enough.
template <class Call>
int with_memory(Call call) {
  std::vector<char> bytes(kGroupBytes);
  for (;;) {
    const int error = call(bytes.data(), bytes.size());
    if (error != ERANGE || bytes.size() >= kMaxGroupBytes) return error;
    bytes.resize(4 * bytes.size());
  }
}

// Linux before 4.13 has no SO_PEERGROUPS: only the primary group counts there.
std::vector<gid_t> groups_of(int socket) {
#ifdef SO_PEERGROUPS
  std::vector<gid_t> groups(32);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      return groups;
    }
    if (errno != ERANGE || groups.size() >= kMaxGroups) return {};
    groups.resize(std::min<std::size_t>(size / sizeof(gid_t), kMaxGroups));
  }
#else
  static_cast<void>(socket);
  return {};
#endif
}

}  // namespace

Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail_errno(errno, "cannot tell who is at the other end");
  }
  return Peer{.pid = credentials.pid,
              .uid = credentials.uid,
              .gid = credentials.gid,
              .groups = groups_of(socket)};
}

Result<Group> find_group(const std::string& name) {
  group entry{};
  group* found = nullptr;
  gid_t gid = 0;
  const int error = with_memory([&](char* bytes, std::size_t size) {
    const int result = ::getgrnam_r(name.c_str(), &entry, bytes, size, &found);
    if (found != nullptr) gid = found->gr_gid;
    return result;
  });
  if (found != nullptr) return Group{.gid = gid, .name = name};
  return fail_errno(error != 0 ? error : ENOENT,
                    "group " + name + ": there is no such group; create it (groupadd --system " +
                        name + "), or change the option control.group");
}

std::string group_name(gid_t gid) {
  group entry{};
  group* found = nullptr;
  std::string name;
  with_memory([&](char* bytes, std::size_t size) {
    const int result = ::getgrgid_r(gid, &entry, bytes, size, &found);
    if (found != nullptr) name = found->gr_name;
    return result;
  });
  return name.empty() ? std::to_string(gid) : name;
}

bool Access::allows(const Peer& peer) const noexcept {
  if (peer.uid == 0 || peer.uid == own_uid) return true;
  if (!group) return false;
  return peer.gid == group->gid ||
         std::find(peer.groups.begin(), peer.groups.end(), group->gid) != peer.groups.end();
}

std::string Access::refusal(const Peer& peer) const {
  const std::string who = "uid " + std::to_string(peer.uid) + " may not ask this sorreld; ";
  if (!group) {
    return who + "root and its own user may (the option control.group lets a group in)";
  }
  return who + "root, its own user and the members of group " + group->name +
         " may (a new membership counts from the next login)";
}

}  // namespace sorrel::control
