#pragma once

namespace sorrel::ruleset {

// Which changes optimize() makes.
struct OptimizeOptions {
  bool narrow_folders = true;
  bool merge = true;
  bool never_first = true;

  // The rules as they are written.
  static constexpr OptimizeOptions none() noexcept { return {false, false, false}; }
  friend bool operator==(const OptimizeOptions&, const OptimizeOptions&) = default;
};

}  // namespace sorrel::ruleset
