#include "ruleset/real_path.h"

#include <unistd.h>

#include <filesystem>

#include "catch.h"
#include "temp_folder.h"

namespace sorrel::ruleset {

TEST_CASE("links lead to places below the root, whatever they say", "[ruleset]") {
  namespace fs = std::filesystem;
  const sorrel::test::TempFolder folder;
  const std::string root = folder.path();
  fs::create_directories(root + "/usr/bin");
  fs::create_directories(root + "/etc/alternatives");
  folder.write("usr/bin/nc.openbsd", "");
  fs::create_symlink("usr/bin", root + "/bin");
  fs::create_symlink("/etc/alternatives/nc", root + "/usr/bin/nc");
  fs::create_symlink("/bin/nc.openbsd", root + "/etc/alternatives/nc");
  fs::create_symlink("../../../../usr", root + "/etc/up");
  fs::create_symlink("loop", root + "/etc/loop");
  fs::create_symlink("nowhere", root + "/etc/dangling");
  struct Row {
    std::string path;
    std::string real;
  };
  for (const Row& row : std::vector<Row>{
           {"/", "/"},
           {"/usr/bin", "/usr/bin"},
           {"/usr//bin/", "/usr/bin"},
           {"/usr/./bin/../bin", "/usr/bin"},
           {"/bin", "/usr/bin"},
           {"/bin/nc", "/usr/bin/nc.openbsd"},
           {"/etc/up/bin/nc", "/usr/bin/nc.openbsd"},
           {"/../../bin", "/usr/bin"},
           {"/etc/loop", ""},
           {"/etc/dangling", ""},
           {"/etc/missing/x", ""},
           {"/usr/bin/nc.openbsd/x", ""},
       }) {
    INFO(row.path);
    CHECK(real_path_below(root, row.path) == row.real);
  }
  CHECK(real_path_below("/", "/proc/self") == "/proc/" + std::to_string(::getpid()));
}

}  // namespace sorrel::ruleset
