#include "rules_begin.h"

#include <cstdio>
#include <utility>

#include "commands.h"
#include "rules_report.h"

namespace sorrel::sorrelctl {

int fail_rules(const char* command, const std::string& message) {
  std::fprintf(stderr, "sorrelctl rules %s: %s\n", command, message.c_str());
  return kExitUsage;
}

std::optional<RulesOptions> begin_rules(const char* command, const char* help,
                                        Result<RulesOptions> parsed, int& status) {
  if (!parsed) {
    status = fail_rules(command, parsed.error().to_string());
    std::fprintf(stderr, "'sorrelctl rules %s --help' tells more.\n", command);
    return std::nullopt;
  }
  if (!parsed->help) return *std::move(parsed);
  std::fputs(help, stdout);
  status = kExitOk;
  return std::nullopt;
}

int end_rules(const std::string& out, const ReadRules& read) {
  std::fwrite(out.data(), 1, out.size(), stdout);
  std::string told;
  append_findings_text(read.findings, read.script.files, told);
  std::fwrite(told.data(), 1, told.size(), stderr);
  if (std::fflush(stdout) != 0) return kExitRuleErrors;
  return read.findings.errors() != 0 ? kExitRuleErrors : kExitOk;
}

}  // namespace sorrel::sorrelctl
