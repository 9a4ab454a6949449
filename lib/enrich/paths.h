#pragma once

#include <cstddef>
#include <string_view>

#include "enrich/call.h"
#include "event/event.h"

namespace sorrel::enrich {

// Writes the absolute form of `name` to `out`: behind `cwd` when it is relative, with "//", "." and
// ".." folded. Symbolic links are not followed: what they pointed to then, nobody knows now. `cwd`
// must be absolute. Returns the size, at most absolute_path_bound().
std::size_t absolute_path(std::string_view cwd, std::string_view name, char* out) noexcept;
constexpr std::size_t absolute_path_bound(std::string_view cwd, std::string_view name) noexcept {
  return cwd.size() + name.size() + 2;
}

// True when a path is absolute and has nothing to fold.
bool is_plain_absolute(std::string_view path) noexcept;

// Where the relative names of an event's PATH records begin.
class WorkingDirectory {
 public:
  // The folder is unknown without a CWD record, and when the call took one by a descriptor (openat
  // and its like with another than AT_FDCWD).
  WorkingDirectory(event::Event& event, const Call& call);

  // The absolute form of a PATH record's name, in the event's memory. Empty when it is not known,
  // or there is no name.
  std::string_view resolve(event::Event& event, std::string_view name) const;

 private:
  std::string_view cwd_;  // empty: not known
};

}  // namespace sorrel::enrich
