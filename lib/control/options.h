#pragma once

#include <optional>
#include <string>

namespace sorrel::control {

// Where people reach the daemon, and who may.
struct Options {
  std::string socket = "/run/sorrel/control.sock";  // empty: there is none
  std::optional<std::string> group;                 // besides root and the daemon's own user

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::control
