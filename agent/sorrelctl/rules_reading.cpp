#include "rules_reading.h"

#include <algorithm>

#include "ruleset/desired_state.h"
#include "ruleset/lint.h"
#include "ruleset/rule_files.h"

namespace sorrel::sorrelctl {

ReadRules read_and_compile(const std::vector<std::string>& paths, const ruleset::Target& target,
                           bool lint) {
  ReadRules read;
  for (const std::string& path : paths) {
    const Status status = ruleset::read_rules(path, read.script, read.findings);
    if (status) continue;
    const auto file = static_cast<std::uint32_t>(read.script.files.size());
    read.script.files.push_back(path);
    read.findings.error({file, 0, 0}, {"file-unreadable", status.error().to_string(), ""});
  }
  read.compiled = ruleset::compile(read.script, target, read.findings);
  if (lint) {
    const ruleset::DesiredState state = ruleset::desired_state(read.compiled, read.findings);
    ruleset::lint({read.script, state, target}, read.findings);
  }
  read.rules = static_cast<std::size_t>(
      std::ranges::count(read.compiled, ruleset::Command::add_rule, &ruleset::Compiled::command));
  read.findings.sort();
  return read;
}

}  // namespace sorrel::sorrelctl
