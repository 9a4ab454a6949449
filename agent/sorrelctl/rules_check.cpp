#include <cstdio>
#include <string>

#include "commands.h"
#include "rules_begin.h"
#include "rules_commands.h"
#include "rules_host.h"
#include "rules_options.h"
#include "rules_reading.h"
#include "rules_report.h"

namespace sorrel::sorrelctl {
namespace {

constexpr int kExitWarnings = 1;  // with --strict

constexpr const char* kHelp =
    "usage: sorrelctl rules check [OPTION...] PATH...\n"
    "\n"
    "Tells what is wrong with audit rules, and what is doubtful: where, why, and what to do. Asks\n"
    "no kernel. PATH is a file, a folder of *.rules files (in augenrules' order), or - for\n"
    "standard input.\n"
    "\n"
    "  --arch NAME    the host's architecture, as x86_64 or aarch64; default: this machine's\n"
    "  --kernel V     its kernel, as 6.1; default: this machine's\n"
    "  --root DIR     where its users and files are; default: /\n"
    "  --strict       warnings are failures; notes are not\n"
    "  --json         one JSON object instead of lines\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 nothing, or warnings only; 1 warnings, with --strict; 2 errors, or wrong "
    "usage.\n";

void print_summary(const ReadRules& read) {
  std::fprintf(stderr, "%zu rules, %zu errors, %zu warnings, %zu notes\n", read.rules,
               read.findings.errors(), read.findings.warnings(), read.findings.notes());
}

}  // namespace

int run_rules_check(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_rules("check", kHelp, parse_rules_options(argc, argv), status);
  if (!options) return status;
  RulesHost host(*options);
  if (const Status loaded = host.load(); !loaded)
    return fail_rules("check", loaded.error().to_string());
  const ReadRules read = read_and_compile(options->paths, host.target(), true);
  std::string out;
  if (options->format == RulesFormat::json) {
    append_findings_json(read.findings, read.script.files, read.rules, out);
  } else {
    append_findings_text(read.findings, read.script.files, out);
    print_summary(read);
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  if (std::fflush(stdout) != 0) return kExitRuleErrors;
  if (read.findings.errors() != 0) return kExitRuleErrors;
  return options->strict && read.findings.warnings() != 0 ? kExitWarnings : kExitOk;
}

}  // namespace sorrel::sorrelctl
