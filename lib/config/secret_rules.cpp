#include "config/secret_rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/config_file.h"
#include "config/text.h"
#include "config/tree.h"
#include "config/value.h"

namespace sorrel::config {
namespace {

constexpr std::size_t kMaxText = 4096;

constexpr std::string_view kWantedPattern = "a regular expression of at most 4096 bytes";
constexpr std::string_view kWantedExample = "a command line of at most 4096 bytes";

// Any text that check_encoding() lets through: line breaks are part of some secrets.
std::string check_size(std::string_view text, std::string_view wanted) {
  if (text.size() <= kMaxText && !text.empty()) return "";
  return "wanted " + std::string(wanted) + ", found " + in_quotes(text);
}

constexpr TextForm kPattern = {
    kWantedPattern, [](std::string_view text) { return check_size(text, kWantedPattern); }};
constexpr TextForm kExample = {
    kWantedExample, [](std::string_view text) { return check_size(text, kWantedExample); }};

void read_rule(const std::string& name, const Node& node, std::vector<enrich::SecretRule>& rules,
               Report& report) {
  enrich::SecretRule rule;
  std::string why;
  const std::vector<Field> fields = {
      {"name", text(rule.name, kName), Presence::required},
      {"why", text(why, kText), Presence::required},
      {"programs", list(rule.programs, kName)},
      {"unless_programs", list(rule.unless_programs, kName)},
      {"after", text(rule.after, kPattern)},
      {"pattern", text(rule.pattern, kPattern)},
      {"except", text(rule.except, kPattern)},
      {"cut", text(rule.cut, kPattern)},
      {"match", list(rule.matches, kExample), Presence::required},
      {"no_match", list(rule.non_matches, kExample)},
  };
  const Check check = [&rule](const Node& map, Report& r) {
    if (rule.pattern.empty() && rule.after.empty())
      r.add(map.at, "a rule needs a pattern, or after");
  };
  read_section(fields, check, node, report);
  rule.place = Problem{name, node.at.line, node.at.column, {}}.place();
  rules.push_back(std::move(rule));
}

}  // namespace

Result<std::vector<enrich::SecretRule>> parse_secret_rules(std::string_view name,
                                                           std::string_view text) {
  std::vector<enrich::SecretRule> rules;
  Report report{std::string(name)};
  if (const std::optional<Node> tree = parse_tree(text, report)) {
    if (tree->type != NodeType::list && tree->type != NodeType::null) {
      report_wrong_type(*tree, "a list of rules, each beginning with '- name: NAME'", report);
    } else if (tree->items.size() > kMaxSecretRules) {
      report.add(tree->at, "more than " + std::to_string(kMaxSecretRules) + " rules");
    } else {
      for (const Node& item : tree->items) read_rule(std::string(name), item, rules, report);
    }
  }
  const std::vector<Problem> problems = report.take();
  if (!problems.empty()) return fail(std::errc::invalid_argument, one_a_line(problems));
  return rules;
}

Result<std::vector<enrich::SecretRule>> load_secret_rules(const std::vector<std::string>& paths) {
  std::vector<enrich::SecretRule> rules;
  for (const std::string& path : paths) {
    Result<std::string> text = read_config_file(path);
    if (!text) return Unexpected(std::move(text).error());
    Result<std::vector<enrich::SecretRule>> more = parse_secret_rules(path, *text);
    if (!more) return Unexpected(std::move(more).error());
    std::move(more->begin(), more->end(), std::back_inserter(rules));
  }
  return rules;
}

}  // namespace sorrel::config
