#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "commands.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "rules_begin.h"
#include "rules_commands.h"
#include "rules_host.h"
#include "rules_json.h"
#include "rules_options.h"
#include "rules_reading.h"
#include "ruleset/cost.h"
#include "ruleset/desired_state.h"
#include "ruleset/optimize.h"
#include "ruleset/text.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

constexpr const char* kHelp =
    "usage: sorrelctl rules cost [OPTION...] PATH...\n"
    "\n"
    "Estimates how much longer a system call takes under rules that do not match it, as nearly "
    "all\n"
    "do not: in instructions of the kernel, by measured constants, and in nanoseconds of a\n"
    "processor that does three in one. Names the dearest rules, by what they add to a usual mix "
    "of\n"
    "calls. PATH is a file, a folder of *.rules files, or - for standard input.\n"
    "\n"
    "  --call NAME    a system call to be shown as well; may be repeated\n"
    "  --as-written   of the rules as they are written, not as they are loaded; or, one by one,\n"
    "                 --no-narrow-folders, --no-merge, --no-never-first (see sorrel.yaml(5), "
    "rules)\n"
    "  --top N        how many of the dearest rules to name; default: 10\n"
    "  --arch NAME    the host's architecture, as x86_64 or aarch64; default: this machine's\n"
    "  --kernel V     its kernel, as 6.1; default: this machine's\n"
    "  --root DIR     where its users and files are; default: /\n"
    "  --json         one JSON object\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 shown; 2 some rules are wrong (the others are counted), or wrong usage.\n";

struct CostLine {
  std::string call;
  double instructions = 0;
};

struct DearRule {
  std::size_t index = 0;
  double instructions = 0;  // in the mean of the mix
};

struct Costs {
  std::vector<CostLine> calls;
  std::vector<DearRule> rules;  // dearest first
  double mean = 0;              // of the mix
};

Costs estimate(const std::vector<ruleset::Rule>& rules, std::uint32_t arch,
               const std::vector<std::string>& names) {
  Costs costs;
  costs.calls.push_back({"any other", ruleset::call_cost(rules, arch, ruleset::kAnyCall)});
  for (const ruleset::MixedCall& call : ruleset::call_mix()) {
    const auto number = record::syscall_number(arch, call.name);
    const ruleset::CostedCall costed{number.value_or(ruleset::kAnyCall.number), call.has_path};
    const double cost = ruleset::call_cost(rules, arch, costed);
    costs.mean += call.share * cost;
    if (number) costs.calls.push_back({std::string(call.name), cost});
  }
  for (const std::string& name : names) {
    const auto number = record::syscall_number(arch, name);
    const ruleset::CostedCall call{number.value_or(ruleset::kAnyCall.number),
                                   ruleset::takes_path(name)};
    if (number) costs.calls.push_back({name, ruleset::call_cost(rules, arch, call)});
  }
  std::ranges::stable_sort(costs.calls, std::ranges::greater{}, &CostLine::instructions);
  const std::vector<double> each = ruleset::mean_rule_costs(rules, arch);
  for (std::size_t i = 0; i < each.size(); ++i) costs.rules.push_back({i, each[i]});
  std::ranges::stable_sort(costs.rules, std::ranges::greater{}, &DearRule::instructions);
  return costs;
}

class Report {
 public:
  Report(const ReadRules& read, const ruleset::DesiredState& state, const ruleset::Target& target,
         const RulesOptions& options)
      : read_(read), state_(state), target_(target) {
    for (const ruleset::PlacedRule& placed : state.rules) rules_.push_back(placed.rule);
    costs_ = estimate(rules_, target.arch, options.calls);
    if (costs_.rules.size() > options.top) costs_.rules.resize(options.top);
  }

  std::string text() const {
    std::string out = std::to_string(rules_.size()) + " rules, " +
                      std::string(record::arch_name(target_.arch)) + ". Added to a call:\n";
    append_row("call", "instructions", "ns", out);
    for (const CostLine& line : costs_.calls) {
      append_row(line.call, number(line.instructions), nanoseconds(line.instructions), out);
    }
    append_row("mean of a usual mix", number(costs_.mean), nanoseconds(costs_.mean), out);
    out += "\nThe dearest rules, by what they add to that mean:\n";
    for (const DearRule& rule : costs_.rules) {
      char share[32];
      std::snprintf(share, sizeof share, "%8.1f  ", rule.instructions);
      out += share + place(rule.index) + "  ";
      append_visible(rule_text(rule.index), standard_output().has_utf8, out);
      out += '\n';
    }
    return out;
  }

  std::string json() const {
    std::string out = "{\"schema\":1,\"rules\":" + std::to_string(rules_.size()) +
                      ",\"arch\":" + json_string(record::arch_name(target_.arch)) +
                      ",\"mean\":" + number(costs_.mean) + ",\"calls\":{";
    for (const CostLine& line : costs_.calls) {
      out += json_string(line.call) + ':' + number(line.instructions) + ',';
    }
    out.back() = '}';
    out += ",\"dearest\":[";
    for (const DearRule& rule : costs_.rules) {
      if (out.back() != '[') out += ',';
      out += "{\"place\":" + json_string(place(rule.index)) +
             ",\"rule\":" + json_string(rule_text(rule.index)) +
             ",\"instructions\":" + number(rule.instructions) + '}';
    }
    return out + "]}\n";
  }

 private:
  static std::string number(double instructions) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f", instructions);
    return text;
  }
  static std::string nanoseconds(double instructions) {
    return number(instructions / ruleset::kInstructionsPerNs);
  }
  static void append_row(const std::string& call, const std::string& instructions,
                         const std::string& ns, std::string& out) {
    char row[128];
    std::snprintf(row, sizeof row, "  %-20s %14s %8s\n", call.c_str(), instructions.c_str(),
                  ns.c_str());
    out += row;
  }
  std::string place(std::size_t index) const {
    const ruleset::Place& at = state_.rules[index].place;
    return read_.script.files.at(at.file) + ':' + std::to_string(at.line);
  }
  std::string rule_text(std::size_t index) const {
    return ruleset::rule_text(rules_[index], target_);
  }

  const ReadRules& read_;
  const ruleset::DesiredState& state_;
  const ruleset::Target& target_;
  std::vector<ruleset::Rule> rules_;
  Costs costs_;
};

}  // namespace

int run_rules_cost(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_rules("cost", kHelp, parse_rules_options(argc, argv), status);
  if (!options) return status;
  RulesHost host(*options);
  for (const std::string& name : options->calls) {
    if (record::syscall_number(host.target().arch, name)) continue;
    return fail_rules("cost", "there is no system call '" + name + "'");
  }
  if (const Status loaded = host.load(); !loaded)
    return fail_rules("cost", loaded.error().to_string());
  ReadRules read = read_and_compile(options->paths, host.target(), false);
  ruleset::DesiredState state = ruleset::desired_state(read.compiled, read.findings);
  ruleset::optimize(state.rules, host.target(), options->optimize);
  const Report report(read, state, host.target(), *options);
  const std::string out = options->format == RulesFormat::json ? report.json() : report.text();
  return end_rules(out, read);
}

}  // namespace sorrel::sorrelctl
