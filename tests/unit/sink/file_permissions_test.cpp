#include <acl/libacl.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

namespace fs = std::filesystem;

std::string acl_of(const std::string& path, acl_type_t type = ACL_TYPE_ACCESS) {
  const acl_t acl = ::acl_get_file(path.c_str(), type);
  if (acl == nullptr) return "none";
  char* const text = ::acl_to_any_text(acl, nullptr, ',', TEXT_NUMERIC_IDS);
  const std::string result = text;
  ::acl_free(text);
  ::acl_free(acl);
  return result;
}

bool has_acls(const std::string& folder) {
  const acl_t acl = ::acl_from_text("u::rwx,g::rwx,o::---,u:4242:r--,m::rwx");
  const bool works = ::acl_set_file(folder.c_str(), ACL_TYPE_ACCESS, acl) == 0;
  ::acl_free(acl);
  if (!works) WARN("skipped: the temporary folder's file system has no POSIX ACLs");
  return works;
}

bool is_root() {
  if (::geteuid() == 0) return true;
  WARN("skipped: only root may give files away");
  return false;
}

std::string create_error(SinkFixture& fixture) {
  const auto sink = FileSink::create(fixture.options, fixture.storage, fixture.clock);
  return sink ? "" : sink.error().to_string();
}

TEST_CASE_METHOD(SinkFixture, "a file has the configured mode whatever the umask is", "[sink]") {
  const std::uint32_t mode = GENERATE(0600u, 0640u, 0644u, 0660u);
  const mode_t umask = GENERATE(0, 0077, 0277);
  options.mode = mode;
  options.path = folder / "made/audit.log";
  const mode_t before = ::umask(umask);
  open();
  ::umask(before);
  struct stat status {};
  REQUIRE(::stat(options.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == mode);
  REQUIRE(::stat((folder / "made").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0750);
}

TEST_CASE_METHOD(SinkFixture, "an existing file gets the configured mode before it is used",
                 "[sink]") {
  write_file(options.path, "old\n");
  ::chmod(options.path.c_str(), 0666);
  open();
  struct stat status {};
  REQUIRE(::stat(options.path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE_METHOD(SinkFixture, "a new file gets its permissions before its name", "[sink]") {
  options.mode = 0640;
  open();
  CHECK(storage.create_mode == 0600);  // until the rest is set, nobody else may read it
  CHECK(storage.mode_at_rename == 0640);
  REQUIRE(storage.renames.size() == 1);
  CHECK(storage.renames[0] == options.path + ".tmp > " + options.path);
}

TEST_CASE_METHOD(SinkFixture, "named readers get r, and the mask takes nothing away", "[sink]") {
  if (!has_acls(folder.path())) return;
  struct Row {
    std::uint32_t mode;
    const char* acl;
  };
  const Row row = GENERATE(values<Row>(
      {{0600,
        "user::rw-,user:4001:r--,user:4002:r--,group::---,group:4003:r--,mask::r--,other::---"},
       {0640,
        "user::rw-,user:4001:r--,user:4002:r--,group::r--,group:4003:r--,mask::r--,other::---"},
       {0664,
        "user::rw-,user:4001:r--,user:4002:r--,group::rw-,group:4003:r--,mask::rw-,other::r--"}}));
  options.mode = row.mode;
  options.read_users = {"4002", "4001", "4002"};  // one of them twice
  options.read_groups = {"4003"};
  options.rotate_size_bytes = 1;
  open();
  CHECK(acl_of(options.path) == row.acl);
  write({"one\n"});
  CHECK(acl_of(options.path) == row.acl);
  CHECK(acl_of(options.path + ".1") == row.acl);
}

TEST_CASE_METHOD(SinkFixture, "names of readers are looked up", "[sink]") {
  if (!has_acls(folder.path())) return;
  options.read_users = {"root"};
  open();
  CHECK(acl_of(options.path) == "user::rw-,user:0:r--,group::---,mask::r--,other::---");
}

TEST_CASE_METHOD(SinkFixture, "a folder's default ACL opens our file to nobody", "[sink]") {
  if (!has_acls(folder.path())) return;
  const acl_t acl = ::acl_from_text("u::rwx,g::rwx,o::r-x,u:4242:rwx,m::rwx");
  REQUIRE(::acl_set_file(folder.path().c_str(), ACL_TYPE_DEFAULT, acl) == 0);
  ::acl_free(acl);
  options.mode = 0640;
  open();
  CHECK(acl_of(options.path) == "user::rw-,group::r--,other::---");
}

TEST_CASE_METHOD(SinkFixture, "readers that are no longer configured lose their access", "[sink]") {
  if (!has_acls(folder.path())) return;
  options.read_users = {"4001"};
  open();
  options.read_users.clear();
  open();
  CHECK(acl_of(options.path) == "user::rw-,group::---,other::---");
}

TEST_CASE_METHOD(SinkFixture, "the file and a folder made for it get owner and group", "[sink]") {
  if (!is_root()) return;
  options.path = folder / "made/audit.log";
  options.owner = "4001";
  options.group = "4003";
  open();
  for (const std::string& path : {options.path, folder / "made"}) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(status.st_uid == 4001);
    CHECK(status.st_gid == 4003);
  }
}

TEST_CASE_METHOD(SinkFixture, "permissions that fail are an error at start and a count later",
                 "[sink]") {
  options.rotate_size_bytes = 1;
  open();
  storage.permission_error = EPERM;
  write({"one\n"});
  write({"two\n"});
  CHECK(generation(2) == "one\n");
  CHECK(generation(1) == "two\n");
  CHECK(statistics().permission_failures.value() == 2);
  CHECK_THAT(create_error(*this), Catch::Contains("cannot set its owner"));
  storage.permission_error = ENOTSUP;
  CHECK_THAT(create_error(*this), Catch::Contains("no POSIX ACLs"));
}

TEST_CASE_METHOD(SinkFixture, "what cannot work is refused with what to do", "[sink]") {
  using Change = void (*)(SinkFixture&);
  struct Row {
    const char* what;
    Change change;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"no path", [](SinkFixture& f) { f.options.path = ""; }, "or - for standard output"},
      {"a slash at the end", [](SinkFixture& f) { f.options.path += "/"; }, "give folder/file"},
      {"a folder", [](SinkFixture& f) { f.options.path = f.folder.path(); }, "it is a folder"},
      {"two missing folders", [](SinkFixture& f) { f.options.path = f.folder / "a/b/c"; },
       "only the last one"},
      {"a file as folder",
       [](SinkFixture& f) {
         write_file(f.folder / "file", "");
         f.options.path = f.folder / "file/audit.log";
       },
       "is no folder"},
      {"a symbolic link", [](SinkFixture& f) { fs::create_symlink("x", f.options.path); },
       "is not followed"},
      {"a FIFO", [](SinkFixture& f) { ::mkfifo(f.options.path.c_str(), 0600); }, "no regular file"},
      {"a device", [](SinkFixture& f) { f.options.path = "/dev/null"; }, "no regular file"},
      {"no permission", [](SinkFixture& f) { f.storage.open_error = EACCES; },
       "check the owner and the mode"},
      {"a read-only disk", [](SinkFixture& f) { f.storage.open_error = EROFS; },
       "that can be written"},
      {"rotation to nowhere",
       [](SinkFixture& f) {
         f.options.rotate_size_bytes = 1;
         f.options.generations = 0;
       },
       "set generations to 1"},
      {"rotation by age to nowhere",
       [](SinkFixture& f) {
         f.options.rotate_age_s = 1;
         f.options.generations = 0;
       },
       "set generations to 1"},
      {"too many generations", [](SinkFixture& f) { f.options.generations = 1001; },
       "at most 1000"},
      {"a file for all to write", [](SinkFixture& f) { f.options.mode = 0666; }, "0640 are usual"},
      {"a file not for its owner", [](SinkFixture& f) { f.options.mode = 0440; }, "0640 are usual"},
      {"a program", [](SinkFixture& f) { f.options.mode = 0700; }, "0640 are usual"},
      {"a prefix of two lines", [](SinkFixture& f) { f.options.line_prefix = "a\nb"; },
       "without a line break"},
      {"an unknown owner", [](SinkFixture& f) { f.options.owner = "no-such-user"; },
       "no user no-such-user; create it"},
      {"an unknown reader",
       [](SinkFixture& f) {
         f.options.read_users = {"root", "nobody-here"};
       },
       "no user nobody-here; create it"},
      {"an unknown group", [](SinkFixture& f) { f.options.group = "no-such-group"; },
       "no group no-such-group; create it"},
      {"an unknown reading group", [](SinkFixture& f) { f.options.read_groups = {"g0ne"}; },
       "no group g0ne; create it"},
      {"the id that means none", [](SinkFixture& f) { f.options.owner = "4294967295"; },
       "no user 4294967295"},
      {"too many readers", [](SinkFixture& f) { f.options.read_users.assign(65, "root"); },
       "put the users in one group"},
  }));
  CAPTURE(row.what);
  row.change(*this);
  const std::string error = create_error(*this);
  CHECK_THAT(error, Catch::Contains(row.message));
  if (!options.path.empty()) CHECK_THAT(error, Catch::Contains(options.path));
}

TEST_CASE_METHOD(SinkFixture, "without rotation no generations are needed", "[sink]") {
  options.generations = 0;
  CHECK(create_error(*this).empty());
}

}  // namespace
}  // namespace sorrel::sink
