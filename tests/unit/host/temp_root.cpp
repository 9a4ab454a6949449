#include "temp_root.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/check.h"

namespace sorrel::host {

namespace fs = std::filesystem;

TempRoot::TempRoot() {
  std::string name = (fs::temp_directory_path() / "sorrel-host-XXXXXX").string();
  SORREL_CHECK(::mkdtemp(name.data()) != nullptr, "the temporary folder must be writable");
  path = name;
  fs::create_directory(path + "/etc");
}

TempRoot::~TempRoot() {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

void TempRoot::write(const std::string& name, std::string_view text) const {
  fs::create_directories(fs::path(path + name).parent_path());
  std::ofstream(path + name, std::ios::binary) << text;
}

void TempRoot::link(const std::string& name, const std::string& target) const {
  fs::create_directories(fs::path(path + name).parent_path());
  fs::create_symlink(target, path + name);
}

std::string stat_text(std::uint32_t pid, std::string_view comm, char state, std::uint32_t ppid,
                      std::uint32_t flags, std::uint64_t start_ticks) {
  return std::to_string(pid) + " (" + std::string(comm) + ") " + state + " " +
         std::to_string(ppid) + " 300 200 34816 300 " + std::to_string(flags) +
         " 1 2 3 4 5 6 7 8 20 0 1 0 " + std::to_string(start_ticks) +
         " 5242880 1024 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
}

}  // namespace sorrel::host
