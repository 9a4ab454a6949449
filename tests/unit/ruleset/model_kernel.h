#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ruleset/rule.h"
#include "ruleset/rule_kernel.h"

namespace sorrel::ruleset {

// What a rule may look at. Of one list only.
struct ModelEvent {
  List list = List::exit;
  unsigned call = 0;
  std::uint32_t uid = 0;
  std::uint32_t pid = 1;
  std::uint32_t type = 1300;
  std::uint32_t fstype = 0;
  std::string path;  // of the write that the call makes, if any
};

ModelEvent random_event(std::mt19937& random);

// What becomes of an event: the rule's action and key, or "" when none matches. On the lists where
// any match decides, "dropped" or "".
std::string verdict(const std::vector<Rule>& rules, const ModelEvent& event);

// Holds rules as the kernel does, as far as gapfree.md has measured it: an identical rule is
// refused unless it goes to the front, a deletion takes the first identical one, a missing path is
// ENOENT. Nothing happens behind its back unless a test does it.
class ModelKernel final : public RuleKernel {
 public:
  Result<KernelState> state() override;
  Result<std::vector<Rule>> list() override;
  Status add(const Rule& rule) override;
  Status remove(const Rule& rule) override;
  Status set(Setting setting, std::uint32_t value) override;
  Status act(const OneTimeActions& actions) override;

  std::vector<Rule> rules;  // list by list is left to list()
  bool is_locked = false;
  SettingValues settings;  // those that this kernel has
  std::set<Setting> refused_settings;
  std::vector<Setting> sets;  // in order
  std::vector<OneTimeActions> acts;
  std::set<std::string> missing_paths;
  // Asked before each change; an errno refuses it.
  std::function<int(bool is_add, const Rule& rule)> refuse;
  std::function<void()> on_change;  // after each change
  std::size_t lists = 0;
  std::size_t adds = 0;
  std::size_t removes = 0;
};

}  // namespace sorrel::ruleset
