#include "enrich/paths.h"

#include <string>

#include "catch.h"
#include "event_of.h"

namespace sorrel::enrich {
namespace {

std::string absolute(std::string_view cwd, std::string_view name) {
  std::string out(absolute_path_bound(cwd, name), '\0');
  const std::size_t size = absolute_path(cwd, name, out.data());
  REQUIRE(size <= out.size());
  out.resize(size);
  return out;
}

// What a relative name of this call becomes.
std::string resolved(std::string_view syscall, std::string_view cwd, std::string_view name) {
  event::Event event;
  fill(event, {syscall, cwd});
  const Call call = CallReader().read(event);
  return std::string(WorkingDirectory(event, call).resolve(event, name));
}

std::string call(const char* number, const char* a0, const char* a1, const char* a2) {
  return std::string("type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=") + number +
         " success=yes exit=3 a0=" + a0 + " a1=" + a1 + " a2=" + a2 + " a3=0 items=1";
}

constexpr std::string_view kCwd = "type=CWD msg=audit(1.000:1): cwd=\"/srv/www\"";

}  // namespace

TEST_CASE("names become absolute and are folded", "[paths]") {
  struct Row {
    const char* cwd;
    const char* name;
    const char* path;
  };
  const Row rows[] = {
      {"/srv", "a", "/srv/a"},
      {"/srv", "./a//b/", "/srv/a/b"},
      {"/srv/x", "../a", "/srv/a"},
      {"/srv/x", "../../../../a", "/a"},
      {"/srv", "..", "/"},
      {"/", ".", "/"},
      {"/", "a", "/a"},
      {"/srv", "/etc/../etc/passwd", "/etc/passwd"},
      {"/srv", "/", "/"},
      {"/srv", "...", "/srv/..."},
      {"/srv", "a..", "/srv/a.."},
      {"/a//b/./c", "d", "/a/b/c/d"},
      {"/srv", "\xff\n", "/srv/\xff\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.cwd, row.name);
    CHECK(absolute(row.cwd, row.name) == row.path);
    CHECK(is_plain_absolute(row.path));
    CHECK(is_plain_absolute(row.name) == (std::string_view(row.name) == row.path));
  }
}

TEST_CASE("a relative name begins at the working directory", "[paths]") {
  CHECK(resolved(call("2", "7ffd0", "0", "0"), kCwd, "x/../y") == "/srv/www/y");
  CHECK(resolved(call("2", "7ffd0", "0", "0"), kCwd, "/y") == "/y");
  CHECK(resolved(call("2", "7ffd0", "0", "0"), kCwd, "").empty());
}

TEST_CASE("a relative name below a folder that the call names by descriptor is not guessed",
          "[paths]") {
  // openat
  CHECK(resolved(call("257", "ffffff9c", "0", "0"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("257", "ffffffffffffff9c", "0", "0"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("257", "5", "0", "0"), kCwd, "x").empty());
  CHECK(resolved(call("257", "5", "0", "0"), kCwd, "/x") == "/x");
  // renameat2 has two, symlinkat its second argument
  CHECK(resolved(call("316", "ffffff9c", "0", "ffffff9c"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("316", "ffffff9c", "0", "4"), kCwd, "x").empty());
  CHECK(resolved(call("266", "7ffd0", "ffffff9c", "0"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("266", "7ffd0", "4", "0"), kCwd, "x").empty());
  // stat and lstat take none, newfstatat does
  CHECK(resolved(call("4", "7ffd0", "0", "0"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("6", "7ffd0", "0", "0"), kCwd, "x") == "/srv/www/x");
  CHECK(resolved(call("262", "4", "0", "0"), kCwd, "x").empty());
  // openat2, statx
  CHECK(resolved(call("437", "4", "0", "0"), kCwd, "x").empty());
  CHECK(resolved(call("332", "4", "0", "0"), kCwd, "x").empty());
}

TEST_CASE("without a working directory a relative name stays as it is", "[paths]") {
  const std::string open = call("2", "7ffd0", "0", "0");
  CHECK(resolved(open, "type=PATH msg=audit(1.000:1): item=0", "x").empty());
  CHECK(resolved(open, "type=CWD msg=audit(1.000:1): cwd=(null)", "x").empty());
  CHECK(resolved(open, "type=CWD msg=audit(1.000:1): cwd=\"(unreachable)/x\"", "x").empty());
  CHECK(resolved(open, "type=CWD msg=audit(1.000:1): cwd=2F61FF", "x") == "/a\xff/x");
}

}  // namespace sorrel::enrich
