#include <algorithm>
#include <string>
#include <string_view>

#include "ruleset/lint_checks.h"

// What the lines of a file show that are no rules.
namespace sorrel::ruleset {
namespace {

// A key that `deleted` is a part of, and that is another.
const Word* wider_key(const Statement& statement, std::string_view deleted) noexcept {
  for (const Word& key : statement.rule.keys) {
    if (key.text != deleted && key.text.find(deleted) != std::string::npos) return &key;
  }
  return nullptr;
}

}  // namespace

// A file that is not hoisted locks where it says so.
void check_lock(const LintInput& input, Findings& findings) {
  bool is_locked = false;
  for (const Statement& statement : input.script.statements) {
    if (is_locked) {
      return findings.warning(statement.place, {"lock-early",
                                                "the rules are locked by -e 2 above: the kernel "
                                                "refuses what follows",
                                                "put -e 2 last"});
    }
    is_locked = statement.command == Command::enabled && statement.number == 2;
  }
}

void check_hidden_errors(const LintInput& input, Findings& findings) {
  for (const Statement& statement : input.script.statements) {
    if (statement.command != Command::ignore_errors) continue;
    findings.warning(statement.place,
                     {"errors-hidden",
                      "with -i auditctl passes over rules that it cannot load, and ends as if all "
                      "were there",
                      "write -c: it goes on too, and its exit status tells"});
  }
}

// Source: audit-userspace, src/auditctl-listing.c, key_contains().
void check_wide_deletions(const LintInput& input, Findings& findings) {
  constexpr std::size_t kMaxDeletions = 100;  // each is compared with all rules above it
  const auto& all = input.script.statements;
  std::size_t deletions = 0;
  for (auto deletion = all.begin(); deletion != all.end() && deletions < kMaxDeletions;
       ++deletion) {
    if (deletion->command != Command::delete_all || deletion->words.empty()) continue;
    ++deletions;
    for (const Word& deleted : deletion->words) {
      const Word* wider = nullptr;
      for (auto rule = all.begin(); rule != deletion && wider == nullptr; ++rule) {
        if (rule->command == Command::add_rule) wider = wider_key(*rule, deleted.text);
      }
      if (wider == nullptr) continue;
      findings.warning(deletion->place,
                       {"delete-wide",
                        "auditctl deletes every rule whose key contains '" + deleted.text +
                            "', as '" + wider->text + "'; sorrel deletes those that have the key",
                        "give keys that are no part of others"});
    }
  }
}

}  // namespace sorrel::ruleset
