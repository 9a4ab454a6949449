#include "enrich/script.h"

#include <string>

#include "catch.h"
#include "event_of.h"

namespace sorrel::enrich {
namespace {

std::string path(int item, const char* name, const char* inode, const char* type = "NORMAL") {
  return "type=PATH msg=audit(1.000:1): item=" + std::to_string(item) + " name=" + name +
         " inode=" + inode + " dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=" + type;
}

std::string script_of(std::initializer_list<std::string_view> lines) {
  event::Event event;
  fill(event, lines);
  return std::string(ScriptFinder().find(event));
}

}  // namespace

TEST_CASE("an interpreter after the file that was run makes it a script", "[script]") {
  const std::string script = path(0, "\"/usr/local/bin/job\"", "10");
  const std::string shell = path(1, "\"/bin/sh\"", "20");
  const std::string loader = path(2, "\"/lib64/ld-linux-x86-64.so.2\"", "30");
  CHECK(script_of({script, shell, loader}) == "/usr/local/bin/job");
  CHECK(script_of({loader, shell, script}) == "/usr/local/bin/job");
  // busybox, linked statically: no loader
  CHECK(script_of({script, path(1, "\"/bin/busybox\"", "21")}) == "/usr/local/bin/job");
  CHECK(script_of({path(0, "2F746D702FFF", "10"), shell, loader}) == "/tmp/\xff");
}

TEST_CASE("a file that is looked up twice is still a script", "[script]") {
  const std::string script = path(0, "\"/usr/local/bin/job\"", "10");
  const std::string again = path(1, "\"/usr/local/bin/job\"", "10");
  const std::string shell = path(2, "\"/bin/sh\"", "20");
  CHECK(script_of({script, again, shell}) == "/usr/local/bin/job");
  const std::string loader = path(2, "\"/lib64/ld-linux-x86-64.so.2\"", "30");
  CHECK(script_of({script, again, loader}).empty());
}

TEST_CASE("a program is no script", "[script]") {
  const std::string program = path(0, "\"/usr/bin/id\"", "10");
  CHECK(script_of({program, path(1, "\"/lib64/ld-linux-x86-64.so.2\"", "30")}).empty());
  CHECK(script_of({program, path(1, "\"/lib/ld-musl-x86_64.so.1\"", "30")}).empty());
  CHECK(script_of({program}).empty());
  CHECK(script_of({"type=CWD msg=audit(1.000:1): cwd=\"/\""}).empty());
}

TEST_CASE("records that do not belong to an exec make no script", "[script]") {
  const std::string first = path(0, "\"/etc/\"", "10", "PARENT");
  CHECK(script_of({first, path(1, "\"/etc/x\"", "20", "CREATE")}).empty());
  CHECK(script_of({path(0, "\"/a\"", "10"), path(1, "\"/b\"", "10")}).empty());
  CHECK(script_of({path(1, "\"/bin/sh\"", "20")}).empty());
  CHECK(script_of({path(0, "(null)", "10"), path(1, "\"/bin/sh\"", "20")}).empty());
}

TEST_CASE("dynamic loaders are told by their names", "[script]") {
  for (const char* loader :
       {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux.so.2", "/lib/ld-musl-aarch64.so.1",
        "/lib64/ld64.so.2", "/lib/ld.so.1", "/lib/x86_64-linux-gnu/ld-2.31.so", "ld-linux.so.2"}) {
    CAPTURE(loader);
    CHECK(is_loader(loader));
  }
  for (const char* other : {"/usr/bin/ld", "/usr/bin/ld.gold", "/bin/sh", "", "/lib/libc.so.6",
                            "/tmp/ld.sort", "/opt/ldap/bin/x"}) {
    CAPTURE(other);
    CHECK(!is_loader(other));
  }
}

}  // namespace sorrel::enrich
