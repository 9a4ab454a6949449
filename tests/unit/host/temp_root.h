#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sorrel::host {

// A root folder of a test's own, which goes away with the test. The names begin with a slash.
struct TempRoot {
  TempRoot();
  ~TempRoot();
  TempRoot(const TempRoot&) = delete;
  TempRoot& operator=(const TempRoot&) = delete;

  // Makes the folders on the way, too.
  void write(const std::string& name, std::string_view text) const;
  void link(const std::string& name, const std::string& target) const;

  std::string path;
};

// The text of a /proc/PID/stat.
std::string stat_text(std::uint32_t pid, std::string_view comm, char state, std::uint32_t ppid,
                      std::uint32_t flags, std::uint64_t start_ticks);

}  // namespace sorrel::host
