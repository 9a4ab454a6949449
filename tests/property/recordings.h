#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "input/open_source.h"

// Our own recordings of real kernels, tests/golden/recordings; SORREL_TEST_DIR is the tests'
// folder.
namespace sorrel::test {

// Their paths that end with `suffix` (".log.xz", ".audrec.xz"), in order.
inline std::vector<std::string> recordings(const std::string& suffix) {
  std::vector<std::string> paths;
  const auto folder = std::filesystem::path(SORREL_TEST_DIR) / "golden/recordings";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().string().ends_with(suffix)) paths.push_back(entry.path());
  if (paths.empty()) throw std::runtime_error("no recordings in " + folder.string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Gives each datagram of a file to `take`.
template <class Take>
void read_file(const std::string& path, Take take) {
  auto source = input::open_source(path);
  if (!source) throw std::runtime_error(source.error().to_string());
  input::Batch batch;
  for (;;) {
    const auto state = (*source)->read(batch);
    if (!state) throw std::runtime_error(state.error().to_string());
    for (const record::Datagram& datagram : batch) take(datagram);
    if (*state == input::ReadState::ended) return;
  }
}

// The lines of a recorded log, without their newlines.
inline std::vector<std::string> log_lines(const std::string& path) {
  std::vector<std::string> lines;
  read_file(path, [&](const record::Datagram& datagram) { lines.emplace_back(datagram.line); });
  return lines;
}

}  // namespace sorrel::test
