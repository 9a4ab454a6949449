#include "control/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "catch.h"
#include "support.h"

namespace sorrel::control {
namespace {

using Catch::Matchers::Contains;
using test::TempFolder;

ListenSettings settings_for(const std::string& path) {
  return {.path = path, .owner = ::geteuid(), .owner_group = ::getegid(), .group = {}};
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  CHECK(::lstat(path.c_str(), &status) == 0);
  return status;
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

TEST_CASE("a socket is its owner's, or its group's too, whatever the umask",
          "[control][listener]") {
  const TempFolder folder;
  for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{0177}}) {
    const mode_t before = ::umask(mask);
    auto settings = settings_for(folder.path("a.sock"));
    {
      const auto listener = Listener::open(settings);
      REQUIRE(listener);
      CHECK((status_of(settings.path).st_mode & 07777) == 0600);
    }
    settings.group = ::getegid();
    const auto listener = Listener::open(settings);
    CHECK(::umask(before) == mask);
    REQUIRE(listener);
    CHECK((status_of(settings.path).st_mode & 07777) == 0660);
    CHECK(status_of(settings.path).st_gid == ::getegid());
    CHECK(test::connect_to(settings.path));
  }
}

TEST_CASE("the folder of the socket is made when it is missing", "[control][listener]") {
  const TempFolder folder;
  const mode_t before = ::umask(0077);
  const auto listener = Listener::open(settings_for(folder.path("run/a.sock")));
  ::umask(before);
  REQUIRE(listener);
  CHECK((status_of(folder.path("run")).st_mode & 07777) == 0755);
  // One level only: more would be a slip of the pen.
  const auto deeper = Listener::open(settings_for(folder.path("x/y/a.sock")));
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().code == std::errc::no_such_file_or_directory);
}

TEST_CASE("root gives socket and folder to the daemon's user", "[control][listener]") {
  if (::geteuid() != 0) {
    WARN("SKIP: only root can give files away");
    return;
  }
  const TempFolder folder;
  auto settings = settings_for(folder.path("run/a.sock"));
  settings.owner = settings.owner_group = 65'534;
  settings.group = 4;
  const auto listener = Listener::open(settings);
  REQUIRE(listener);
  CHECK(status_of(folder.path("run")).st_uid == 65'534);
  CHECK(status_of(folder.path("run")).st_gid == 65'534);
  CHECK(status_of(settings.path).st_uid == 65'534);
  CHECK(status_of(settings.path).st_gid == 4);
}

TEST_CASE("a socket that a dead daemon left is replaced", "[control][listener]") {
  const TempFolder folder;
  const std::string path = folder.path("a.sock");
  test::bind_to(path).reset();
  REQUIRE(exists(path));
  const auto listener = Listener::open(settings_for(path));
  REQUIRE(listener);
  CHECK(test::connect_to(path));
}

TEST_CASE("a socket in use is an error that names its holder", "[control][listener]") {
  const TempFolder folder;
  const std::string path = folder.path("a.sock");
  const auto holder = Listener::open(settings_for(path));
  REQUIRE(holder);
  const auto second = Listener::open(settings_for(path));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == std::errc::address_in_use);
  CHECK_THAT(second.error().message, Contains("process " + std::to_string(::getpid())));
  CHECK(test::connect_to(path));
}

TEST_CASE("a holder whose queue is full is alive", "[control][listener]") {
  const TempFolder folder;
  const std::string path = folder.path("a.sock");
  const Fd holder = test::bind_to(path);
  REQUIRE(::listen(holder.get(), 0) == 0);
  const Fd waiting = test::connect_to(path);
  REQUIRE(waiting);
  const auto second = Listener::open(settings_for(path));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == std::errc::address_in_use);
}

TEST_CASE("what is no socket is left as it is", "[control][listener]") {
  const TempFolder folder;
  const std::string path = folder.path("a.sock");
  std::ofstream(path) << "precious";
  const auto listener = Listener::open(settings_for(path));
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == std::errc::file_exists);
  CHECK(std::filesystem::file_size(path) == 8);
  // A link to a socket neither: who made it may have meant something else.
  const std::string other = folder.path("b.sock");
  test::bind_to(other).reset();
  const std::string link = folder.path("link.sock");
  std::filesystem::create_symlink(other, link);
  CHECK_FALSE(Listener::open(settings_for(link)));
  CHECK(exists(other));
}

TEST_CASE("a listener removes its own file and no other", "[control][listener]") {
  const TempFolder folder;
  const std::string path = folder.path("a.sock");
  Listener::open(settings_for(path)).has_value();
  CHECK_FALSE(exists(path));
  {
    const auto listener = Listener::open(settings_for(path));
    REQUIRE(listener);
    // Kept under another name, so that its inode is not given to the next one.
    std::filesystem::rename(path, folder.path("old"));
    std::ofstream(path) << "another's";
  }
  CHECK(exists(path));
}

TEST_CASE("a path that is too long for a socket is an error", "[control][listener]") {
  const TempFolder folder;
  const auto listener = Listener::open(settings_for(folder.path(std::string(120, 'x'))));
  REQUIRE_FALSE(listener);
  CHECK(listener.error().code == std::errc::filename_too_long);
}

}  // namespace sorrel::control
