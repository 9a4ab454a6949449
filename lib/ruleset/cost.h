#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ruleset/rule.h"

// What rules cost: how much longer a system call takes that none of them matches, which is nearly
// every call. In instructions of the kernel, by constants that tests/guest/cost measures in a
// machine which counts them.
namespace sorrel::ruleset {

// A system call, as far as its cost depends on it.
struct CostedCall {
  std::uint32_t number = 0;
  bool has_path = false;  // the kernel notes the names that it is given
};

// From the first rule of the list exit on, every system call is prepared for audit.
double preparation_cost(bool has_path) noexcept;

// Whether the kernel notes file names for a call of that name.
bool takes_path(std::string_view call) noexcept;

// What one rule adds to the call: looking whether it names it, and then its fields in order, until
// one does not hold. Those that ask for the architecture, a person (auid) or a permission are taken
// to hold. Rules on a file (path, inode) are found by the file, and nearly free. 0: another list.
double rule_cost(const Rule& rule, std::uint32_t arch, CostedCall call) noexcept;

// Both together. 0 without a rule in the list exit.
double call_cost(std::span<const Rule> rules, std::uint32_t arch, CostedCall call) noexcept;

// A call that no rule names.
inline constexpr CostedCall kAnyCall{1'999, false};

// What a server does all day, as shares of 1: the calls that most of its time goes through.
struct MixedCall {
  std::string_view name;
  double share;
  bool has_path;
};
std::span<const MixedCall> call_mix() noexcept;

// What each of `rules` adds to a call of the mix, in the mean.
std::vector<double> mean_rule_costs(std::span<const Rule> rules, std::uint32_t arch);

// Two to four instructions a nanosecond are usual; this is the middle.
inline constexpr double kInstructionsPerNs = 3.0;

}  // namespace sorrel::ruleset
