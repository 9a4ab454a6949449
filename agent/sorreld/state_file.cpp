#include "sorreld/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "base/fd.h"

namespace sorrel::agent {
namespace {

constexpr std::string_view kVersionLine = "sorrel-state 1";

template <class T>
bool read_number(const std::string& text, T& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

}  // namespace

std::optional<SavedState> load_state(const std::string& path, std::string& note) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string version, boot, serial, time;
  std::getline(file, version);
  std::getline(file, boot);
  std::getline(file, serial);
  std::getline(file, time);
  SavedState state;
  state.boot_id = boot;
  if (version != kVersionLine || boot.empty() || !read_number(serial, state.last_serial) ||
      !read_number(time, state.received_ns)) {
    note = path + " is not a state file of this version; it is ignored";
    return std::nullopt;
  }
  return state;
}

Status save_state(const std::string& path, const SavedState& state) {
  const std::string temporary = path + ".tmp";
  const std::string text = std::string(kVersionLine) + '\n' + state.boot_id + '\n' +
                           std::to_string(state.last_serial) + '\n' +
                           std::to_string(state.received_ns) + '\n';
  const Fd fd(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(errno, "cannot write the state file " + temporary);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno(errno, "cannot write the state file " + temporary);
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    return fail_errno(errno, "cannot put the state file in its place, " + path);
  return Ok{};
}

}  // namespace sorrel::agent
