// The text of a rules file: read, compiled, linted; what was compiled is written and read again.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "ruleset/compiler.h"
#include "ruleset/desired_state.h"
#include "ruleset/lint.h"
#include "ruleset/parser.h"
#include "ruleset/text.h"
#include "ruleset/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::ruleset;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  Script script;
  Findings findings;
  parse_rules("r", {bytes.get(), size}, script, findings);
  const Target target;
  const auto compiled = compile(script, target, findings);
  const DesiredState state = desired_state(compiled, findings);
  lint({script, state, target}, findings);
  findings.sort();
  for (const Finding& finding : findings.all()) {
    SORREL_CHECK(!finding_text(finding, script.files).empty(), "a finding without words");
  }
  constexpr std::size_t kMaxRewritten = 16;  // the others are alike
  for (std::size_t i = 0; i < compiled.size() && i < kMaxRewritten; ++i) {
    if (compiled[i].command != Command::add_rule) continue;
    const Rule& rule = compiled[i].rule;
    const auto decoded = decode_rule(encode_rule(rule));
    SORREL_CHECK(decoded && *decoded == rule, "bytes that are read differently");
    Script again;
    Findings doubts;
    parse_rules("again", rule_text(rule, target), again, doubts);
    const auto recompiled = compile(again, target, doubts);
    SORREL_CHECK(recompiled.size() == 1, "a text that is no rule");
    SORREL_CHECK(recompiled[0].rule == rule, "a text that is read differently");
  }
  return 0;
}
