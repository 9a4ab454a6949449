#include "host/name_service.h"

#include <map>

#include "catch.h"

namespace sorrel::host {
namespace {

// A name service that a test can take down.
class FakeNames final : public NameSource {
 public:
  NameState user_name(std::uint32_t uid, std::string& name) override {
    return get(users, uid, name);
  }
  NameState group_name(std::uint32_t gid, std::string& name) override {
    return get(groups, gid, name);
  }
  NameState groups_of(std::uint32_t uid, std::vector<std::uint32_t>& gids) override {
    return get(lists, uid, gids);
  }

  std::map<std::uint32_t, std::string> users;
  std::map<std::uint32_t, std::string> groups;
  std::map<std::uint32_t, std::vector<std::uint32_t>> lists;
  bool is_down = false;
  int calls = 0;

 private:
  template <class Map, class Value>
  NameState get(const Map& map, std::uint32_t id, Value& value) {
    ++calls;
    if (is_down) return NameState::failed;
    const auto found = map.find(id);
    if (found == map.end()) return NameState::absent;
    value = found->second;
    return NameState::found;
  }
};

constexpr NameServiceOptions kOptions = {
    .found_age_ms = 1000, .absent_age_ms = 100, .failed_age_ms = 10};

TEST_CASE("a name is asked for once until it is too old", "[host]") {
  FakeNames source;
  source.users[7] = "alice";
  source.groups[7] = "staff";
  NameService names(source, kOptions);
  CHECK(names.user(7, 0).name == "alice");
  CHECK(names.group(7, 0).name == "staff");
  CHECK(source.calls == 2);
  source.users[7] = "bob";
  CHECK(names.user(7, 999).name == "alice");
  CHECK(source.calls == 2);
  CHECK(names.user(7, 1000).name == "bob");
  CHECK(source.calls == 3);
}

TEST_CASE("that nobody has an id is remembered too, for a shorter time", "[host]") {
  FakeNames source;
  NameService names(source, kOptions);
  CHECK(names.user(8, 0).state == NameState::absent);
  source.users[8] = "late";
  CHECK(names.user(8, 99).state == NameState::absent);
  CHECK(source.calls == 1);
  CHECK(names.user(8, 100).name == "late");
  CHECK(names.counters().absent == 1);
}

TEST_CASE("a service that is down is asked rarely, and takes no name away", "[host]") {
  FakeNames source;
  source.users[7] = "alice";
  NameService names(source, kOptions);
  names.user(7, 0);
  source.is_down = true;
  CHECK(names.user(7, 1000).name == "alice");
  CHECK(names.user(7, 1009).name == "alice");
  CHECK(names.user(9, 1000).state == NameState::failed);
  CHECK(source.calls == 3);
  CHECK(names.counters().failed == 2);
  source.is_down = false;
  source.users[7] = "bob";
  CHECK(names.user(7, 1010).name == "bob");
  CHECK(names.user(9, 1010).state == NameState::absent);
}

TEST_CASE("the groups of a user keep their order, and those without a name their number",
          "[host]") {
  FakeNames source;
  source.groups = {{10, "wheel"}, {100, "users"}};
  source.lists[7] = {100, 4000, 10};
  NameService names(source, kOptions);
  const GroupsAnswer& groups = names.groups_of(7, 0);
  CHECK(groups.state == NameState::found);
  CHECK(groups.names == std::vector<std::string>{"users", "#4000", "wheel"});
  CHECK(names.groups_of(8, 0).state == NameState::absent);
  const int calls = source.calls;
  CHECK(names.groups_of(7, 50).names.size() == 3);
  CHECK(source.calls == calls);
}

TEST_CASE("a user in very many groups has the first of them", "[host]") {
  FakeNames source;
  source.lists[7] = {1, 2, 3, 4, 5};
  NameService names(source, {.max_groups = 2});
  CHECK(names.groups_of(7, 0).names == std::vector<std::string>{"#1", "#2"});
  CHECK(names.counters().groups_dropped == 3);
}

TEST_CASE("the cache has a limit, and works without any room", "[host]") {
  FakeNames source;
  for (std::uint32_t uid = 0; uid < 10; ++uid) source.users[uid] = "u" + std::to_string(uid);
  const std::size_t entries = GENERATE(0u, 3u);
  NameService names(source, {.max_entries = entries});
  for (std::uint32_t uid = 0; uid < 10; ++uid)
    CHECK(names.user(uid, 0).name == "u" + std::to_string(uid));
  const int calls = source.calls;
  CHECK(names.user(9, 0).name == "u9");
  CHECK(source.calls == calls + (entries == 0 ? 1 : 0));
  CHECK(names.user(0, 0).name == "u0");
  CHECK(source.calls == calls + (entries == 0 ? 2 : 1));
}

TEST_CASE("the system's names have root and its groups", "[host]") {
  NssNames system;
  std::string name;
  CHECK(system.user_name(0, name) == NameState::found);
  CHECK(name == "root");
  CHECK(system.group_name(0, name) == NameState::found);
  CHECK_FALSE(name.empty());
  std::vector<std::uint32_t> gids;
  REQUIRE(system.groups_of(0, gids) == NameState::found);
  CHECK(gids.front() == 0);
  CHECK(system.user_name(4'200'000'001, name) != NameState::found);
  CHECK(system.groups_of(4'200'000'001, gids) != NameState::found);
}

}  // namespace
}  // namespace sorrel::host
