#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "enrich/process_table.h"

namespace sorrel::bench {

// What the exec path of the process table is measured with: shells that start programs, one exec
// event after the other. All texts are made beforehand.
struct ExecSample {
  std::vector<std::string> ids;
  std::vector<std::string> exes;
  std::vector<enrich::Sighting> shells;  // seen first: the ancestors
  std::vector<enrich::Sighting> execs;

  explicit ExecSample(std::uint32_t shell_count, std::uint32_t exec_count) {
    constexpr std::uint64_t kBaseMs = 1'700'000'000'000;
    const std::uint32_t total = shell_count + exec_count;
    for (std::uint32_t i = 0; i < total; ++i)
      ids.push_back("1700000" + std::to_string(100 + i / 4000 % 900) + "." +
                    std::to_string(100 + i / 4 % 900) + ":" + std::to_string(1'234'567 + i));
    for (int i = 0; i < 40; ++i) exes.push_back("/usr/bin/program-" + std::to_string(i));
    for (std::uint32_t i = 0; i < total; ++i) {
      const bool is_shell = i < shell_count;
      const std::uint32_t n = is_shell ? i : i - shell_count;
      const std::string& exe = exes[i % exes.size()];
      // Each shell is the child of the one eight before it.
      const std::uint32_t parent = n < 8 || !is_shell ? n % shell_count : n - 8;
      (is_shell ? shells : execs)
          .push_back({.pid = is_shell ? 1000 + n : 1000 + shell_count + n,
                      .ppid = is_shell && n < 8 ? 1 : 1000 + parent,
                      .session = 3,
                      .auid = 1000,
                      .has_login = true,
                      .comm = std::string_view(exe).substr(9, 15),
                      .exe = exe,
                      .id = ids[i],
                      .time_ms = kBaseMs + i / 4});
    }
  }
};

// What an exec event needs: the entries of pid and ppid, the new one, and four ancestors' ids.
inline std::uint64_t exec_event(enrich::ProcessTable& table, const enrich::Sighting& sighting) {
  const enrich::Process* const parent = table.find_at(sighting.ppid, sighting.time_ms);
  const enrich::Process* process = table.exec(sighting);
  std::uint64_t sum = parent != nullptr ? parent->id.size : 0;
  for (int depth = 0; process != nullptr && depth < 5; ++depth) {
    sum += process->id.size + table.text(process->exe).size();
    process = table.parent(*process);
  }
  return sum;
}

}  // namespace sorrel::bench
