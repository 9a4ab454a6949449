#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "config/attack.h"
#include "rules_begin.h"
#include "rules_commands.h"
#include "rules_host.h"
#include "rules_json.h"
#include "rules_options.h"
#include "rules_reading.h"
#include "ruleset/cost.h"
#include "ruleset/desired_state.h"
#include "ruleset/explain.h"
#include "ruleset/optimize.h"
#include "ruleset/parser.h"
#include "ruleset/text.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

constexpr const char* kHelp =
    "usage: sorrelctl rules explain [OPTION...] LINE | PATH...\n"
    "\n"
    "Says in words what a rule does: when it makes an event, what it costs, what it is loaded as, "
    "and\n"
    "which techniques of MITRE ATT&CK its key stands for. LINE is a rule as auditctl takes it, "
    "quoted\n"
    "or not; PATH is a file, a folder of *.rules files, or - for standard input.\n"
    "\n"
    "  --as-written   of the rules as they are written, not as they are loaded; or, one by one,\n"
    "                 --no-narrow-folders, --no-merge, --no-never-first (see sorrel.yaml(5), "
    "rules)\n"
    "  --attack FILE  techniques by key; default: /usr/share/sorrel/rules/attack.yaml\n"
    "  --arch NAME    the host's architecture, as x86_64 or aarch64; default: this machine's\n"
    "  --kernel V     its kernel, as 6.1; default: this machine's\n"
    "  --root DIR     where its users and files are; default: /\n"
    "  --json         one JSON object a rule\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 explained; 2 something is wrong with a rule, or wrong usage.\n"
    "\n"
    "  sorrelctl rules explain -w /etc/shadow -p wa -k identity\n";

// The words of a rule on the command line, which getopt would take for options of ours.
struct RuleWords {
  int begin = 0;  // at the first of auditctl's options that begin a rule
  int end = 0;    // one word when the rule was quoted as a whole
};

RuleWords rule_words(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.size() < 2 || word[0] != '-' || std::strchr("aAdwW", word[1]) == nullptr) continue;
    return {i, word.find(' ') != std::string_view::npos ? i + 1 : argc};
  }
  return {argc, argc};
}

// One line again: a blank within a word was quoted for the shell.
std::string joined(RuleWords words, char** argv) {
  if (words.end - words.begin == 1) return argv[words.begin];
  std::string line;
  for (int i = words.begin; i < words.end; ++i) {
    if (i != words.begin) line += ' ';
    for (const char* c = argv[i]; *c != '\0'; ++c) {
      if (*c == ' ' || *c == '\\') line += '\\';
      line += *c;
    }
  }
  return line;
}

std::vector<config::Technique> techniques_of(const ruleset::Explanation& explained,
                                             const config::AttackMap& attack) {
  std::vector<config::Technique> techniques;
  for (const std::string& key : explained.keys) {
    const auto found = attack.find(key);
    if (found == attack.end()) continue;
    techniques.insert(techniques.end(), found->second.begin(), found->second.end());
  }
  return techniques;
}

// What the rule adds to a call that it names, and to one that it does not.
struct RuleCost {
  double named = 0;
  double other = 0;
};

RuleCost cost_of(const ruleset::Rule& rule, const ruleset::Target& target) {
  ruleset::CostedCall named{0, true};
  for (std::uint32_t number = 0; number < ruleset::kAnyCall.number; ++number) {
    if ((rule.mask[number / 32] >> (number % 32) & 1U) == 0) continue;
    named.number = number;
    break;
  }
  return {ruleset::rule_cost(rule, target.arch, named),
          ruleset::rule_cost(rule, target.arch, ruleset::kAnyCall)};
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

void append_lines(const char* name, const std::vector<std::string>& lines, std::string& out) {
  constexpr std::size_t kWidth = 12;
  for (const std::string& line : lines) {
    std::string label = "  ";
    if (&line == &lines.front()) label += name;
    label.resize(kWidth, ' ');
    out += label;
    append_visible(line, standard_output().has_utf8, out);
    out += '\n';
  }
}

std::string explained_text(const ruleset::PlacedRule& placed, const ruleset::Target& target,
                           const config::AttackMap& attack) {
  const ruleset::Rule& rule = placed.rule;
  const ruleset::Explanation explained = ruleset::explain(rule, target);
  const RuleCost cost = cost_of(rule, target);
  std::string out;
  append_visible(ruleset::rule_text(rule, target), standard_output().has_utf8, out);
  out += '\n';
  append_lines("gives", {explained.effect}, out);
  if (!explained.calls.empty()) append_lines("calls", {explained.calls}, out);
  append_lines("when", explained.conditions, out);
  append_lines("key", explained.keys, out);
  std::vector<std::string> techniques;
  for (const config::Technique& one : techniques_of(explained, attack)) {
    techniques.push_back(one.id + " " + one.name);
  }
  append_lines("ATT&CK", techniques, out);
  if (rule.list == ruleset::List::exit) {
    append_lines(
        "costs",
        {number(cost.named) + " instructions of each call that it names and does not match, " +
             number(cost.other) + " of any other",
         "(the first rule of all costs each call " + number(ruleset::preparation_cost(false)) +
             ")"},
        out);
  }
  append_lines("loaded", placed.notes, out);
  append_lines("note", explained.notes, out);
  return out;
}

std::string json_words(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) {
    if (out.size() > 1) out += ',';
    out += json_string(word);
  }
  return out + ']';
}

std::string explained_json(const ruleset::PlacedRule& placed, const ruleset::Target& target,
                           const config::AttackMap& attack) {
  const ruleset::Rule& rule = placed.rule;
  const ruleset::Explanation explained = ruleset::explain(rule, target);
  const RuleCost cost = cost_of(rule, target);
  std::string techniques;
  for (const config::Technique& one : techniques_of(explained, attack)) {
    techniques += (techniques.empty() ? "" : ",") + std::string("{\"id\":") + json_string(one.id) +
                  ",\"name\":" + json_string(one.name) + '}';
  }
  return "{\"schema\":1,\"rule\":" + json_string(ruleset::rule_text(rule, target)) +
         ",\"effect\":" + json_string(explained.effect) +
         ",\"calls\":" + json_string(explained.calls) +
         ",\"when\":" + json_words(explained.conditions) +
         ",\"keys\":" + json_words(explained.keys) + ",\"attack\":[" + techniques +
         "],\"cost\":{\"named\":" + number(cost.named) + ",\"other\":" + number(cost.other) +
         "},\"loaded\":" + json_words(placed.notes) + ",\"notes\":" + json_words(explained.notes) +
         "}\n";
}

// Without the file the rest is still worth telling.
config::AttackMap load_attack(const std::string& path) {
  auto attack = config::load_attack(path);
  if (attack) return *std::move(attack);
  fail_rules("explain", "no techniques: " + attack.error().to_string());
  return {};
}

Result<RulesOptions> parse(int argc, char** argv, RuleWords rule) {
  std::vector<char*> words(argv, argv + rule.begin);
  words.insert(words.end(), argv + rule.end, argv + argc);
  // The parser asks for a path, which the rule is in place of.
  char standard_input[] = "-";
  if (rule.begin < argc) words.push_back(standard_input);
  words.push_back(nullptr);
  return parse_rules_options(static_cast<int>(words.size()) - 1, words.data());
}

ReadRules read(const RulesOptions& options, const std::optional<std::string>& line,
               const ruleset::Target& target) {
  if (!line) return read_and_compile(options.paths, target, false);
  ReadRules read;
  ruleset::parse_rules("LINE", *line, read.script, read.findings);
  read.compiled = ruleset::compile(read.script, target, read.findings);
  return read;
}

}  // namespace

int run_rules_explain(int argc, char** argv) {
  const RuleWords words = rule_words(argc, argv);
  int status = kExitOk;
  const auto options = begin_rules("explain", kHelp, parse(argc, argv, words), status);
  if (!options) return status;
  RulesHost host(*options);
  if (const Status loaded = host.load(); !loaded)
    return fail_rules("explain", loaded.error().to_string());
  const config::AttackMap attack = load_attack(options->attack);
  ReadRules rules =
      read(*options, words.begin < argc ? std::optional(joined(words, argv)) : std::nullopt,
           host.target());
  ruleset::DesiredState state = ruleset::desired_state(rules.compiled, rules.findings);
  ruleset::optimize(state.rules, host.target(), options->optimize);
  bool is_first = true;
  for (const ruleset::PlacedRule& placed : state.rules) {
    const bool is_json = options->format == RulesFormat::json;
    const std::string text = is_json ? explained_json(placed, host.target(), attack)
                                     : explained_text(placed, host.target(), attack);
    std::printf("%s%s", is_first || is_json ? "" : "\n", text.c_str());
    is_first = false;
  }
  return end_rules("", rules);
}

}  // namespace sorrel::sorrelctl
