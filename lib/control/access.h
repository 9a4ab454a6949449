#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace sorrel::control {

// The process at the other end of a unix socket, as it was when it connected.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones
};

// Asks the kernel (SO_PEERCRED, SO_PEERGROUPS): no name service is involved, and no process can say
// that it is another. Errors: `socket` is not a connected unix socket.
Result<Peer> peer_of(int socket);

struct Group {
  gid_t gid = 0;
  std::string name;
};
// Looks `name` up (NSS: may block, so at start only). Errors: there is no such group.
Result<Group> find_group(const std::string& name);
// The name of a group; its number where it has none. May block likewise.
std::string group_name(gid_t gid);

// Who may ask: root, the daemon's own user, and the members of a group.
struct Access {
  uid_t own_uid = 0;
  std::optional<Group> group;

  bool allows(const Peer& peer) const noexcept;
  // Why it does not, and what to do.
  std::string refusal(const Peer& peer) const;
};

}  // namespace sorrel::control
