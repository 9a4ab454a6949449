#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "ruleset/rule.h"

// Forms of a rule. The kernel refuses a second identical rule, so that an ordered change needs
// rules that mean the same and are not identical: twins.
namespace sorrel::ruleset {

// Bytes that are the same for two rules exactly when the kernel calls them identical (EEXIST on
// adding, found on deleting). Source: linux/kernel/auditfilter.c, audit_compare_rule().
std::string exact_key(const Rule& rule);

// The same question about two rules, without making the bytes.
bool is_identical(const Rule& a, const Rule& b) noexcept;

// Bytes that are the same for two rules that match the same events with the same verdict and key,
// whatever the order of their fields, repeated ones, and `pid>=0` are.
std::string meaning_key(const Rule& rule);

// The first form of the rule that `is_free` accepts: as it is written, unless `twins_only`, then
// its twins, in the order in which kernels were seen to take them. None: all are in use (never
// seen).
std::optional<Rule> free_form(const Rule& rule, bool twins_only,
                              const std::function<bool(const Rule&)>& is_free);

// Lists where any match decides, so that the order of their rules means nothing. On the others the
// first match does. Source: audit_filter() for `exclude`; __audit_inode_child() for `filesystem`.
constexpr bool is_any_match(List list) noexcept {
  return list == List::exclude || list == List::filesystem;
}

}  // namespace sorrel::ruleset
