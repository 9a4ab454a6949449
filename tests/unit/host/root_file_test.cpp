#include "host/root_file.h"

#include "catch.h"

namespace sorrel::host {
namespace {

TEST_CASE("a file that says it is empty is read to its end", "[host]") {
  const Result<std::string> text = read_root_file("/", "/proc/self/status", 1 << 20);
  REQUIRE(text.has_value());
  CHECK_THAT(*text, Catch::StartsWith("Name:"));
  CHECK(text->back() == '\n');
}

TEST_CASE("a file that is larger than it says is held to the limit", "[host]") {
  const Result<std::string> text = read_root_file("/", "/proc/self/status", 10);
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code == std::errc::file_too_large);
  CHECK_THAT(text.error().message, Catch::Contains("/proc/self/status has more than 10 bytes"));
}

TEST_CASE("a file of exactly the limit is read", "[host]") {
  const std::string root = SORREL_TEST_DIR "/fakeroot";
  const Result<std::string> whole = read_root_file(root, "/etc/group", 1 << 20);
  REQUIRE(whole.has_value());
  CHECK(*read_root_file(root, "/etc/group", whole->size()) == *whole);
  CHECK_FALSE(read_root_file(root, "/etc/group", whole->size() - 1).has_value());
}

}  // namespace
}  // namespace sorrel::host
