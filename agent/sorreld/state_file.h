#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace sorrel::agent {

// What one run leaves for the next: how far it got in the serials of this boot.
struct SavedState {
  std::string boot_id;
  std::uint32_t last_serial = 0;
  std::uint64_t received_ns = 0;  // when that was, since the epoch

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

// Reads `path`. Nothing when there is no such file, or when it is not of this version or damaged
// (then `note` says so): a lost state only means that what lies between two runs is not counted.
std::optional<SavedState> load_state(const std::string& path, std::string& note);

// Writes it under another name first and renames, so that a crash leaves the old or the new one.
// Errors: the folder cannot be written to.
Status save_state(const std::string& path, const SavedState& state);

}  // namespace sorrel::agent
