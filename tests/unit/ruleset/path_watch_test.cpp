#include "ruleset/path_watch.h"

#include <poll.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "catch.h"
#include "rule_samples.h"
#include "temp_folder.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

bool is_readable(int fd) {
  pollfd poll{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&poll, 1, 0) == 1;
}

}  // namespace

TEST_CASE("a path that appears is told, however many folders are missing", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  const SystemHostPaths probe;
  InotifyPathWatch watch(probe);
  const std::string wanted = folder.path() + "/a/b/c";
  watch.wait_for({wanted});
  CHECK_FALSE(is_readable(watch.fd()));
  CHECK(watch.poll_ms() == InotifyPathWatch::kPollMs);
  std::filesystem::create_directory(folder.path() + "/a");
  REQUIRE(is_readable(watch.fd()));
  CHECK_FALSE(watch.appeared());
  std::filesystem::create_directory(folder.path() + "/a/b");
  REQUIRE(is_readable(watch.fd()));
  CHECK_FALSE(watch.appeared());
  std::filesystem::create_directory(wanted);
  REQUIRE(is_readable(watch.fd()));
  CHECK(watch.appeared());
}

TEST_CASE("a watched folder that goes is replaced by its parent", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  const SystemHostPaths probe;
  InotifyPathWatch watch(probe);
  std::filesystem::create_directory(folder.path() + "/a");
  watch.wait_for({folder.path() + "/a/b"});
  std::filesystem::remove(folder.path() + "/a");
  REQUIRE(is_readable(watch.fd()));
  CHECK_FALSE(watch.appeared());
  std::filesystem::create_directories(folder.path() + "/a/b");
  REQUIRE(is_readable(watch.fd()));
  CHECK(watch.appeared());
}

TEST_CASE("a path that moves into place is told", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  const SystemHostPaths probe;
  InotifyPathWatch watch(probe);
  std::filesystem::create_directories(folder.path() + "/there/b");
  watch.wait_for({folder.path() + "/a"});
  std::filesystem::rename(folder.path() + "/there", folder.path() + "/a");
  REQUIRE(is_readable(watch.fd()));
  CHECK(watch.appeared());
}

TEST_CASE("when nothing is waited for nothing is told", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  const SystemHostPaths probe;
  InotifyPathWatch watch(probe);
  watch.wait_for({folder.path() + "/a"});
  watch.wait_for({});
  std::filesystem::create_directory(folder.path() + "/a");
  CHECK_FALSE(watch.appeared());
  CHECK(watch.poll_ms() == 0);
}

TEST_CASE("what a rule needs is its dir, or the folder of its path", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  const SystemHostPaths probe;
  CHECK_FALSE(missing_path(watch_rule(folder.path() + "/file", "k"), probe));
  CHECK(missing_path(watch_rule(folder.path() + "/no/file", "k"), probe) == folder.path() + "/no");
  Rule dir = watch_rule(folder.path() + "/no", "k");
  dir.fields[0].id = 107;  // AUDIT_DIR
  CHECK(missing_path(dir, probe) == folder.path() + "/no");
  CHECK_FALSE(missing_path(call_rule({1}, 1, "k"), probe));
  CHECK_FALSE(missing_path(watch_rule("/file", "k"), probe));
}
