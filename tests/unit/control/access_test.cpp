#include "control/access.h"

#include <unistd.h>

#include "catch.h"
#include "support.h"

namespace sorrel::control {

using Catch::Matchers::Contains;

TEST_CASE("root, the daemon's user and the group's members may ask, nobody else",
          "[control][access]") {
  struct Row {
    Peer peer;
    bool without_group;
    bool with_group;
  };
  const Row rows[] = {
      {{.pid = 1, .uid = 0, .gid = 0, .groups = {}}, true, true},
      {{.pid = 1, .uid = 990, .gid = 990, .groups = {}}, true, true},
      {{.pid = 1, .uid = 1000, .gid = 1000, .groups = {}}, false, false},
      {{.pid = 1, .uid = 1000, .gid = 4, .groups = {}}, false, true},
      {{.pid = 1, .uid = 1000, .gid = 1000, .groups = {27, 4}}, false, true},
      {{.pid = 1, .uid = 1000, .gid = 0, .groups = {0, 990}}, false, false},
      {{.pid = 1, .uid = 65'534, .gid = 65'534, .groups = {}}, false, false},
  };
  const Access closed{.own_uid = 990, .group = {}};
  const Access open{.own_uid = 990, .group = Group{.gid = 4, .name = "adm"}};
  for (const Row& row : rows) {
    CAPTURE(row.peer.uid, row.peer.gid);
    CHECK(closed.allows(row.peer) == row.without_group);
    CHECK(open.allows(row.peer) == row.with_group);
  }
  const Peer other{.pid = 1, .uid = 1000, .gid = 1000, .groups = {}};
  CHECK_THAT(closed.refusal(other), Contains("uid 1000") && Contains("control.group"));
  CHECK_THAT(open.refusal(other), Contains("members of group adm"));
}

TEST_CASE("the kernel says who is at the other end", "[control][access]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const Fd near(ends[0]);
  const Fd far(ends[1]);
  const auto peer = peer_of(near.get());
  REQUIRE(peer);
  CHECK(peer->pid == ::getpid());
  CHECK(peer->uid == ::geteuid());
  CHECK(peer->gid == ::getegid());
  std::vector<gid_t> groups(static_cast<std::size_t>(::getgroups(0, nullptr)));
  groups.resize(
      static_cast<std::size_t>(::getgroups(static_cast<int>(groups.size()), groups.data())));
  CHECK(peer->groups == groups);
  CHECK_FALSE(peer_of(-1));
}

TEST_CASE("a group is found by its name, and one that is not says what to do",
          "[control][access]") {
  const auto root = find_group("root");
  REQUIRE(root);
  CHECK(root->gid == 0);
  const auto missing = find_group("no-such-group-here");
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().to_string(),
             Contains("no-such-group-here") && Contains("control.group"));
  CHECK(group_name(0) == "root");
  CHECK(group_name(4'000'000'000u) == "4000000000");
}

}  // namespace sorrel::control
