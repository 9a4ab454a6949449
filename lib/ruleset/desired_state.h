#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ruleset/compiler.h"

namespace sorrel::ruleset {

struct PlacedRule {
  Rule rule;  // prepend is false: it is at its place
  Place place;
};

// What the kernel shall have after a rules file was run from the begin: the result of -A, -d, -W
// and -D, and the last value of each setting. Nothing: the file does not say.
struct DesiredState {
  std::vector<PlacedRule> rules;  // of each list, in the kernel's order
  std::optional<std::uint32_t> enabled;
  std::optional<std::uint32_t> failure;
  std::optional<std::uint32_t> rate_limit;
  std::optional<std::uint32_t> backlog_limit;
  std::optional<std::uint32_t> backlog_wait_time;
  bool loginuid_immutable = false;
  bool reset_lost = false;
  bool reset_wait_time_actual = false;
  bool trim = false;
  std::vector<std::pair<std::string, std::string>> equivalents;  // mount, subtree
};

// A rule that is there already is told as a warning and not added: the kernel would refuse it.
DesiredState desired_state(const std::vector<Compiled>& statements, Findings& findings);

}  // namespace sorrel::ruleset
