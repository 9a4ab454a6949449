#include "host/user_db.h"

#include <sys/stat.h>

#include <filesystem>

#include "allocations.h"
#include "catch.h"
#include "temp_root.h"

namespace sorrel::host {
namespace {

namespace fs = std::filesystem;

const std::string kFakeRoot = SORREL_TEST_DIR "/fakeroot";

UserDb load(const std::string& root) {
  Result<UserDb> db = UserDb::load(root);
  SORREL_CHECK(db.has_value(), db.error().to_string().c_str());
  return std::move(*db);
}

TEST_CASE("ids have the names of the host under the root", "[host]") {
  const UserDb db = load(kFakeRoot);
  struct Row {
    std::uint32_t id;
    std::optional<std::string_view> user;
    std::optional<std::string_view> group;
  };
  const Row row = GENERATE(values<Row>({
      {0, "root", "root"},  // not toor: the first line wins
      {1, "daemon", {}},
      {2, "indented", {}},
      {4, {}, "adm"},  // not four
      {5, {}, "adm"},  // as a search for the id finds it
      {10, {}, "wheel"},
      {11, {}, {}},  // a carriage return is no digit
      {12, {}, "noend"},
      {16, {}, {}},
      {99, "daemon", {}},
      {1000, "alice", "alice"},
      {1001, "j\xc3\xbcrgen", {}},
      {1002, "with space", {}},
      {1003, "short", {}},
      {65534, "last", {}},
      {4294967294, "nfsnobody", {}},
      {4294967295, "unset", "unset"},
      {7, {}, {}},
      {8, {}, {}},
  }));
  CAPTURE(row.id);
  CHECK(db.user_name(row.id) == row.user);
  CHECK(db.group_name(row.id) == row.group);
}

TEST_CASE("names have the ids of the host under the root", "[host]") {
  const UserDb db = load(kFakeRoot);
  CHECK(db.user_id("root") == 0u);
  CHECK(db.user_id("toor") == 0u);
  CHECK(db.user_id("daemon") == 1u);
  CHECK(db.group_id("adm") == 4u);
  CHECK(db.group_id("four") == 4u);
  for (const char* name : {"unset", "toolarge", "negative", "signed", "hex", "empty", "word",
                           "nocolons", "", "onlyname", "tab\tinside", "+", "roo", "roott", "#"}) {
    CAPTURE(name);
    CHECK_FALSE(db.user_id(name).has_value());
  }
}

TEST_CASE("what is wrong with the files is counted, with the first line", "[host]") {
  const UserDb db = load(kFakeRoot);
  CHECK(db.users_report().entries == 11);
  CHECK(db.users_report().malformed_lines == 11);
  CHECK(db.users_report().first_malformed_line == 13);
  CHECK(db.users_report().duplicate_lines == 2);
  CHECK_THAT(db.users_report().note, Catch::StartsWith("/etc/passwd:13: 11 malformed lines"));
  CHECK(db.groups_report().malformed_lines == 2);
  CHECK(db.groups_report().first_malformed_line == 5);
  CHECK(db.groups_report().duplicate_lines == 2);
}

TEST_CASE("a missing file is an empty table with a note", "[host]") {
  TempRoot root;
  root.write("/etc/group", "adm:x:4:\n");
  const UserDb db = load(root.path);
  CHECK_FALSE(db.user_name(0).has_value());
  CHECK_FALSE(db.user_id("root").has_value());
  CHECK(db.user_name(UserDb::kUnset) == "unset");
  CHECK(db.group_name(4) == "adm");
  CHECK_THAT(db.users_report().note, Catch::Contains("/etc/passwd is missing"));
  CHECK(db.groups_report().note.empty());
}

TEST_CASE("a link within an image leads to a file of the image", "[host]") {
  TempRoot root;
  root.write("/etc/users", "image:x:0:0:::\n");
  fs::create_symlink("/etc/users", root.path + "/etc/passwd");
  const Result<UserDb> db = UserDb::load(root.path);
  if (!db && db.error().code == std::errc::too_many_symbolic_link_levels) {
    WARN("skipped: this kernel has no openat2, so links are refused");
    return;
  }
  REQUIRE(db.has_value());
  CHECK(db->user_name(0) == "image");
  // On our machine this leads to its own group file; within the image it leads to itself.
  fs::create_symlink("../../../../../../../../etc/group", root.path + "/etc/group");
  const Result<UserDb> looped = UserDb::load(root.path);
  REQUIRE_FALSE(looped.has_value());
  CHECK(looped.error().code == std::errc::too_many_symbolic_link_levels);
}

TEST_CASE("a file that cannot be used is an error that names it", "[host]") {
  TempRoot root;
  const std::string passwd = root.path + "/etc/passwd";
  SECTION("a FIFO, which must not hold us") {
    REQUIRE(::mkfifo(passwd.c_str(), 0600) == 0);
  }
  SECTION("a folder") {
    fs::create_directory(passwd);
  }
  SECTION("more than 64 MiB") {
    root.write("/etc/passwd", "");
    fs::resize_file(passwd, UserDb::kMaxFileBytes + 1);  // a hole
  }
  const Result<UserDb> db = UserDb::load(root.path);
  REQUIRE_FALSE(db.has_value());
  CHECK_THAT(db.error().to_string(), Catch::Contains(passwd));
}

TEST_CASE("a root that is not there is an error", "[host]") {
  TempRoot root;
  root.write("/file", "");
  CHECK(UserDb::load(root.path + "/none").error().code == std::errc::no_such_file_or_directory);
  CHECK(UserDb::load(root.path + "/file").error().code == std::errc::not_a_directory);
}

TEST_CASE("any bytes are read without harm", "[host]") {
  const std::string_view text =
      GENERATE(as<std::string_view>{}, "", "\n", "\n\n\n", ":", ":::", "a", "a:", "a:b",
               "a:b:", std::string_view("a\0b:x:1:1\nok:x:2:2\n", 19), "\xff\xfe:x:3", "#", " ",
               " \t\n", "x:x:99999999999999999999999999\n", "x:x:1 \n", "x:x: 1\n");
  TempRoot root;
  root.write("/etc/passwd", text);
  const UserDb db = load(root.path);
  CHECK(db.users_report().entries + db.users_report().malformed_lines <= 2);
  CHECK_FALSE(db.user_name(1).has_value());
  CHECK(db.user_name(2).has_value() == (text.find("ok") != text.npos));
}

TEST_CASE("a name longer than the system's limit is malformed", "[host]") {
  TempRoot root;
  const std::string longest(UserDb::kMaxNameBytes, 'n');
  root.write("/etc/passwd", longest + ":x:1:1\n" + longest + "n:x:2:2\n");
  const UserDb db = load(root.path);
  CHECK(db.user_name(1) == longest);
  CHECK_FALSE(db.user_name(2).has_value());
}

TEST_CASE("a user's groups are the primary one, then those with its name in them", "[host]") {
  const UserDb db = UserDb::parse(
      "root:x:0:0:::\ntoor:x:0:5:::\nalice:x:1000:100:::\nlonely:x:1001:77:::\n"
      "noprimary:x:1002:\nbad:x:1003:word:::\n",
      "root:x:0:\nadm:x:4:alice,root\nwheel:x:10:toor,alice\nusers:x:100:alice\n"
      "again:x:4:alice\nempty:x:11:,,\nlast:x:12:alicia,alic,alice");
  struct Row {
    std::uint32_t uid;
    std::vector<std::uint32_t> groups;
  };
  const Row row = GENERATE(values<Row>({
      {0, {0, 4}},  // not wheel: the name that uid 0 has is root's
      {1000, {100, 4, 10, 12}},
      {1001, {77}},
      {1002, {}},
      {1003, {}},
      {1004, {}},
      {UserDb::kUnset, {}},
  }));
  CAPTURE(row.uid);
  const auto groups = db.groups_of(row.uid);
  CHECK(std::vector<std::uint32_t>(groups.begin(), groups.end()) == row.groups);
}

TEST_CASE("a user in very many groups has the first of them, and the rest are counted", "[host]") {
  std::string group;
  for (std::uint32_t gid = 1; gid <= 2000; ++gid)
    group += "g" + std::to_string(gid) + ":x:" + std::to_string(gid) + ":alice\n";
  const UserDb db = UserDb::parse("alice:x:7:0:::\n", group);
  REQUIRE(db.groups_of(7).size() == UserDb::kMaxGroupsOfUser);
  CHECK(db.groups_of(7).back() == 1023);
  CHECK(db.groups_dropped() == 2000 - 1023);
}

TEST_CASE("a hundred thousand users are found, and no look-up allocates", "[host]") {
  constexpr std::uint32_t kUsers = 100'000;
  TempRoot root;
  // Doubles, of which the first must win however large the table grows after them.
  std::string text = "first:x:7:1\nsecond:x:7:1\nfirst:x:8:1\n";
  for (std::uint32_t i = 0; i < kUsers; ++i) {
    // Ids that a hash which keeps the low bits would put all in a few places.
    text += "user" + std::to_string(i) + ":x:" + std::to_string(i << 14 | i >> 18) + ":1:::\n";
  }
  root.write("/etc/passwd", text);
  const UserDb db = load(root.path);
  CHECK(db.users_report().entries == kUsers + 3);
  CHECK(db.user_name(7) == "first");
  CHECK(db.user_name(8) == "first");
  CHECK(db.user_id("first") == 7u);
  CHECK(db.user_id("second") == 7u);
  std::uint32_t wrong = 0;
  char name[16] = "user";
  const std::size_t before = allocation_count();
  for (std::uint32_t i = 0; i < kUsers; ++i) {
    const std::uint32_t uid = i << 14 | i >> 18;
    const std::optional<std::string_view> found = db.user_name(uid);
    const int size = std::snprintf(name, sizeof(name), "user%u", i);
    const std::string_view expected(name, static_cast<std::size_t>(size));
    if (found != expected || db.user_id(expected) != uid) ++wrong;
    if (db.user_name(uid + 1).has_value()) ++wrong;
  }
  CHECK(allocation_count() == before);
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace sorrel::host
