#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sorrel::input {

enum class Kind : std::uint8_t { kernel, multicast, replay, unix_socket };

struct Options {
  Kind kind = Kind::kernel;
  // replay: the files, oldest first. unix_socket: the socket's path, one.
  std::vector<std::string> paths;
  bool replay_in_recorded_time = false;   // otherwise as fast as the pipeline takes it
  std::uint32_t ring_bytes = 4u << 20;    // between the intake and the pipeline thread
  std::uint32_t max_line_bytes = 65'536;  // a longer text line is cut there, marked and counted

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::input
