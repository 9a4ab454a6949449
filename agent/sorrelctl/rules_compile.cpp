#include <cstdio>
#include <string>

#include "commands.h"
#include "rules_begin.h"
#include "rules_commands.h"
#include "rules_host.h"
#include "rules_options.h"
#include "rules_reading.h"
#include "rules_report.h"
#include "ruleset/text.h"

namespace sorrel::sorrelctl {
namespace {

constexpr const char* kHelp =
    "usage: sorrelctl rules compile [OPTION...] PATH...\n"
    "\n"
    "Shows what the kernel would be given, one rule a line: as auditctl -l prints it, as JSON, or\n"
    "as the bytes of struct audit_rule_data. PATH is a file, a folder of *.rules files, or - for\n"
    "standard input.\n"
    "\n"
    "  --arch NAME    the host's architecture, as x86_64 or aarch64; default: this machine's\n"
    "  --kernel V     its kernel, as 6.1; default: this machine's\n"
    "  --root DIR     where its users and files are; default: /\n"
    "  --hex          the bytes, in hexadecimal\n"
    "  --json         one JSON object a rule\n"
    "  --resolve      names for users, groups and architectures\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 all rules are shown; 2 some are wrong, or wrong usage.\n";

void append_rule(const ruleset::Compiled& one, const ReadRules& read, const RulesOptions& options,
                 const ruleset::Target& target, std::string& out) {
  if (options.format == RulesFormat::json) {
    append_rule_json(one, read.script.files, target, out);
  } else if (options.format == RulesFormat::hex) {
    append_rule_hex(one.rule, out);
    out += '\n';
  } else {
    out += ruleset::rule_text(one.rule, target, {.resolve = options.resolve}) + '\n';
  }
}

}  // namespace

int run_rules_compile(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_rules("compile", kHelp, parse_rules_options(argc, argv), status);
  if (!options) return status;
  RulesHost host(*options);
  if (const Status loaded = host.load(); !loaded)
    return fail_rules("compile", loaded.error().to_string());
  const ReadRules read = read_and_compile(options->paths, host.target(), false);
  std::string out;
  for (const ruleset::Compiled& one : read.compiled) {
    const bool is_rule =
        one.command == ruleset::Command::add_rule || one.command == ruleset::Command::remove_rule;
    if (is_rule) append_rule(one, read, *options, host.target(), out);
  }
  return end_rules(out, read);
}

}  // namespace sorrel::sorrelctl
