#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "ruleset/rule.h"

namespace sorrel::ruleset {

// The bytes of struct audit_rule_data, as AUDIT_ADD_RULE and AUDIT_DEL_RULE take them, in the byte
// order of this machine. The rule has at most Rule::kMaxFields fields; texts go behind in order.
// Source: linux/include/uapi/linux/audit.h.
std::vector<std::byte> encode_rule(const Rule& rule);

// Reads the same, an answer to AUDIT_LIST_RULES. Any bytes may be given; what does not hold
// together is an error: sizes, an unknown list, action or operator, bytes that no field owns.
// Fields that are not known are kept by their number.
Result<Rule> decode_rule(std::span<const std::byte> bytes);

}  // namespace sorrel::ruleset
