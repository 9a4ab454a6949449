#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "ruleset/rule.h"

// From the rules that are loaded to the rules that are wanted, one addition or deletion at a time
// (the kernel has no other way), so that at every moment every event gets the old or the new
// verdict of its list, never a mixture.
//
// On the lists where the first match decides, the longest beginning of the wanted list that is in
// the loaded one in the same order is kept in place. The rest is added at the end: what was loaded
// still decides wherever it did. Then what is not kept is deleted, last to first: for an event
// whose first match is still there nothing has changed, and any other one matches nothing but the
// wanted rules. One rule, the first, may be put at the front beforehand; two could not, since the
// second would decide for a moment where the first should.
//
// Where any match decides, additions come before deletions.
namespace sorrel::ruleset {

enum class StepKind : std::uint8_t { add, remove };

struct Step {
  StepKind kind = StepKind::add;
  Rule rule;             // `prepend` is set on the addition that goes to the front
  bool is_twin = false;  // added in another form than wanted, since that one is in use
};

struct PlanOptions {
  // Loaded twins of wanted rules are replaced too, not only rules that mean something else.
  bool exact_form = false;
  // Another plan with `exact_form` follows. From the first twin on all additions are then twins, so
  // that it finds every written form free.
  bool exact_form_follows = false;
};

struct Plan {
  std::vector<Step> steps;
  std::size_t kept = 0;
  std::size_t additions = 0;
  std::size_t deletions = 0;  // each waits for the kernel, 16 to 20 ms with several processors
  std::size_t twins = 0;

  bool empty() const noexcept { return steps.empty(); }
};

// The order in which the kernel holds rules that are added in the order of `rules`: list by list as
// it lists them, with `prepend` (then cleared) going to the front. A rule that means the same as an
// earlier one of its list has no effect and is left out.
std::vector<Rule> effective_order(std::span<const Rule> rules);

// `loaded`: in the order of the kernel. `wanted`: as written. Errors: no_space_on_device when a
// rule has no form left that is not loaded.
Result<Plan> plan_change(std::span<const Rule> loaded, std::span<const Rule> wanted,
                         const PlanOptions& options = {});

// The same for rules that are in their effective order already.
Result<Plan> plan_ordered(std::span<const Rule> loaded, std::span<const Rule> ordered,
                          const PlanOptions& options = {});

// The wanted rules that leave what is loaded, and in neither set, where it is. `own`: what an
// earlier version of the wanted rules was, and may go.
std::vector<Rule> keep_foreign(std::span<const Rule> loaded, std::span<const Rule> wanted,
                               std::span<const Rule> own);

}  // namespace sorrel::ruleset
