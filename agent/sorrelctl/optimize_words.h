#pragma once

#include <getopt.h>

#include "ruleset/optimize_options.h"

// The options of several commands that turn off what saves time (ruleset::OptimizeOptions).
namespace sorrel::sorrelctl {

enum OptimizeOptionId { kAsWritten = 2000, kNoNarrowFolders, kNoMerge, kNoNeverFirst };

inline constexpr option kAsWrittenOption{"as-written", no_argument, nullptr, kAsWritten};
inline constexpr option kNoNarrowOption{"no-narrow-folders", no_argument, nullptr,
                                        kNoNarrowFolders};
inline constexpr option kNoMergeOption{"no-merge", no_argument, nullptr, kNoMerge};
inline constexpr option kNoNeverFirstOption{"no-never-first", no_argument, nullptr, kNoNeverFirst};

constexpr bool is_optimize_option(int id) noexcept {
  return id >= kAsWritten && id <= kNoNeverFirst;
}

// Any other id changes nothing.
constexpr void take_optimize_option(int id, ruleset::OptimizeOptions& options) noexcept {
  if (id == kAsWritten) options = ruleset::OptimizeOptions::none();
  if (id == kNoNarrowFolders) options.narrow_folders = false;
  if (id == kNoMerge) options.merge = false;
  if (id == kNoNeverFirst) options.never_first = false;
}

}  // namespace sorrel::sorrelctl
