#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ruleset/apply.h"
#include "ruleset/diff.h"
#include "ruleset/rule.h"

namespace sorrel::sorrelctl {

// How a rule is written in what the commands put out.
using RulePrinter = std::function<std::string(const ruleset::Rule&)>;

// The text as a JSON string. Bytes that are not printable ASCII are escaped; those that are no
// UTF-8 become U+00XX each.
std::string json_string(std::string_view text);

// ["-w /etc/passwd -p wa", ...]
std::string json_rules(std::span<const ruleset::Rule> rules, const RulePrinter& print);

// {"added":[...],"removed":[...],"moved":[{"rule":...,"from":0,"to":1}],
//  "other_form":[{"wanted":...,"loaded":...}],"unchanged":0}
std::string json_diff(const ruleset::Diff& diff, const RulePrinter& print);

// The object that `rules apply` and `rules diff` put out, without a line end.
std::string json_report(const ruleset::ApplyReport& report, bool is_check,
                        const RulePrinter& print);

}  // namespace sorrel::sorrelctl
