#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ruleset/rule.h"

// What distinguishes the rules that are loaded from those that are wanted.
namespace sorrel::ruleset {

// A wanted rule that is loaded elsewhere in its list than the others' order asks for. Places count
// from 0 within the list.
struct Move {
  Rule rule;
  std::size_t from = 0;
  std::size_t to = 0;
};

// A wanted rule that is loaded in another form of the same meaning, such as the twin that a change
// leaves until it brings the written form back. Not a difference.
struct OtherForm {
  Rule wanted;
  Rule loaded;
};

struct Diff {
  std::vector<Rule> added;    // wanted, not loaded
  std::vector<Rule> removed;  // loaded, not wanted
  std::vector<Move> moved;    // never on the lists where order means nothing
  std::vector<OtherForm> other_form;
  std::size_t unchanged = 0;  // those in another form included

  bool in_sync() const noexcept { return added.empty() && removed.empty() && moved.empty(); }
  // Every rule is also written as it is loaded.
  bool is_exact() const noexcept { return in_sync() && other_form.empty(); }
};

// `loaded`: in the order of the kernel; `wanted`: as written. A rule that is loaded twice counts as
// removed once.
Diff compare(std::span<const Rule> loaded, std::span<const Rule> wanted);

// The same for rules that are in their effective order already (see plan.h).
Diff compare_ordered(std::span<const Rule> loaded, std::span<const Rule> ordered);

// "2 added, 1 removed, 0 moved, 497 unchanged".
std::string summary(const Diff& diff);

// The unified view that diff(1) gives, `print` making the line of a rule: `-` is loaded, `+` is
// wanted; a moved rule has both. Empty when they are in sync.
std::string unified_view(std::span<const Rule> loaded, std::span<const Rule> wanted,
                         const std::function<std::string(const Rule&)>& print);

}  // namespace sorrel::ruleset
