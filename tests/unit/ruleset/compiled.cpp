#include "compiled.h"

namespace sorrel::ruleset {

std::string CompiledText::told() {
  findings.sort();
  std::string text;
  for (const Finding& finding : findings.all()) text += finding_text(finding, script.files) + '\n';
  return text;
}

CompiledText compile_text(std::string_view text, const Target& target) {
  CompiledText result;
  parse_rules("r", text, result.script, result.findings);
  result.compiled = compile(result.script, target, result.findings);
  return result;
}

}  // namespace sorrel::ruleset
