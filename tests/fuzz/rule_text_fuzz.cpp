// The text of a rules file: read, compiled, linted, changed to save time and said in words; what
// was compiled is written and read again.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "ruleset/compiler.h"
#include "ruleset/cost.h"
#include "ruleset/desired_state.h"
#include "ruleset/explain.h"
#include "ruleset/lint.h"
#include "ruleset/optimize.h"
#include "ruleset/parser.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"

namespace {

using namespace sorrel::ruleset;

// A host whose folders, links and holes follow from the names.
class NamedPaths : public PathProbe {
 public:
  PathKind kind(const std::string& path) const override {
    if (path.find("miss") != std::string::npos) return PathKind::missing;
    return path.ends_with('d') || path == "/" ? PathKind::folder : PathKind::other;
  }
  std::string real_path(const std::string& path) const override {
    if (kind(path) == PathKind::missing) return "";
    return path.find("in") != std::string::npos ? "/usr" + path : path;
  }
};

// The rules as they are loaded: none is lost, and each is one that the kernel could be given.
void check_optimized(std::vector<PlacedRule> rules, const Target& host) {
  const std::size_t written = rules.size();
  optimize(rules, host, {});
  SORREL_CHECK(written == 0 || !rules.empty(), "rules that are gone");
  std::vector<Rule> loaded;
  for (const PlacedRule& placed : rules) {
    SORREL_CHECK(placed.rule.fields.size() <= Rule::kMaxFields,
                 "more fields than the kernel takes");
    SORREL_CHECK(!explain(placed.rule, host).effect.empty(), "a rule without an effect");
    loaded.push_back(placed.rule);
  }
  SORREL_CHECK(call_cost(loaded, host.arch, kAnyCall) >= 0, "a call that rules make quicker");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  Script script;
  Findings findings;
  parse_rules("r", {bytes.get(), size}, script, findings);
  const Target target;
  const auto compiled = compile(script, target, findings);
  const DesiredState state = desired_state(compiled, findings);
  static const NamedPaths kPaths;
  static const auto kUsers = sorrel::host::UserDb::parse("root:x:0:0::/:/\n", "root:x:0:\n");
  Target host;
  host.paths = &kPaths;
  host.users = &kUsers;
  lint({script, state, host}, findings);
  // Each call makes the tables of two architectures: dear.
  if (size % 8 == 0) check_optimized(state.rules, host);
  findings.sort();
  for (const Finding& finding : findings.all()) {
    SORREL_CHECK(!finding_text(finding, script.files).empty(), "a finding without words");
  }
  std::string lines;
  std::vector<const Rule*> rules;
  for (const Compiled& one : compiled) {
    if (one.command != Command::add_rule) continue;
    const auto decoded = decode_rule(encode_rule(one.rule));
    SORREL_CHECK(decoded && *decoded == one.rule, "bytes that are read differently");
    lines += rule_text(one.rule, target) + '\n';
    rules.push_back(&one.rule);
  }
  Script again;
  Findings doubts;
  parse_rules("again", lines, again, doubts);
  const auto recompiled = compile(again, target, doubts);
  SORREL_CHECK(recompiled.size() == rules.size(), "a text that is no rule");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    SORREL_CHECK(recompiled[i].rule == *rules[i], "a text that is read differently");
  }
  return 0;
}
