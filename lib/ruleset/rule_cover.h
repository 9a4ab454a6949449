#pragma once

#include <cstdint>
#include <vector>

#include "ruleset/desired_state.h"
#include "ruleset/rule.h"

// Which rule takes the events of which other: on the kernel's lists the first match decides.
namespace sorrel::ruleset {

// Whether every event that `later` matches is matched by `earlier`.
bool covers(const Rule& earlier, const Rule& later) noexcept;

// Whether the conditions of `earlier` hold wherever those of `later` do, at least for one of its
// permissions or architectures: what the calls of both have in common is then taken.
bool is_wider(const Rule& earlier, const Rule& later) noexcept;

// What rules out most pairs at once: a bit for the list, and one for each field that only an equal
// one implies. A rule can take events of another only when the other has all of its bits.
std::uint64_t outline_of(const Rule& rule) noexcept;
std::vector<std::uint64_t> outlines_of(const std::vector<PlacedRule>& rules);

}  // namespace sorrel::ruleset
