#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "ruleset/rule.h"
#include "ruleset/settings.h"

namespace sorrel::ruleset {

// Whether rules can be changed at all, and how the kernel is set.
struct KernelState {
  bool is_enabled = false;  // enabled 1 or 2: records are made
  bool is_locked = false;   // enabled 2: nothing changes until the next boot
  SettingValues settings;   // nothing: this kernel does not have it
};

// The kernel that holds rules and settings. Errors carry the kernel's errno as their code
// (std::generic_category) and say in words what it means.
class RuleKernel {
 public:
  virtual ~RuleKernel() = default;

  virtual Result<KernelState> state() = 0;
  // All rules, list by list, in the order in which each list is evaluated; never a part of them.
  virtual Result<std::vector<Rule>> list() = 0;
  // To the end of its list, or to the front with Rule::prepend. Errors: EEXIST when an identical
  // rule is loaded; ENOENT when the folder of a path, or a dir, is missing; EINVAL; EPERM when
  // locked; ENOSPC.
  virtual Status add(const Rule& rule) = 0;
  // The first identical rule of its list. Errors: ENOENT when there is none; EPERM when locked.
  virtual Status remove(const Rule& rule) = 0;
  // One setting. loginuid_immutable can be set to 1 only. Errors: EPERM when locked; EINVAL.
  virtual Status set(Setting setting, std::uint32_t value) = 0;
  // Does them, in order; ends at the first that fails.
  virtual Status act(const OneTimeActions& actions) = 0;
};

}  // namespace sorrel::ruleset
