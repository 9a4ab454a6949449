#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/event_id.h"
#include "commands.h"
#include "event/assembler.h"
#include "event_facts.h"
#include "input/chain_source.h"
#include "input/rotation_order.h"
#include "record/tables/syscalls.h"
#include "rules_begin.h"
#include "rules_commands.h"
#include "rules_host.h"
#include "rules_json.h"
#include "rules_options.h"
#include "rules_reading.h"
#include "rules_report.h"
#include "ruleset/desired_state.h"
#include "ruleset/match.h"
#include "ruleset/text.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

using ruleset::Judgement;

constexpr int kExitMissed = 1;

constexpr const char* kHelp =
    "usage: sorrelctl rules test [OPTION...] --rules PATH FILE...\n"
    "\n"
    "Tells which rule would have caught the events of a log: the first that matches, as in the\n"
    "kernel. FILE is auditd's log or a recording, also packed (gzip, xz, zstd), or - for standard\n"
    "input, so that one event can be pasted.\n"
    "\n"
    "  --rules PATH   a file, or a folder of *.rules files; may be repeated\n"
    "  --arch NAME    the host's architecture, as x86_64 or aarch64; default: this machine's\n"
    "  --kernel V     its kernel, as 6.1; default: this machine's\n"
    "  --root DIR     where its users and files are; default: /\n"
    "  --json         one JSON object an event\n"
    "  --help         this text\n"
    "\n"
    "What the records do not tell (openat2's flags, a label) may make an answer 'perhaps'. Events\n"
    "without a system call, such as logins, need no rule.\n"
    "\n"
    "Exit status: 0 each is caught, or needs no rule; 1 some are not, or only perhaps; 2 wrong\n"
    "rules, files or usage.\n";

const char* kind_name(Judgement::Kind kind) {
  switch (kind) {
    case Judgement::Kind::caught:
      return "caught";
    case Judgement::Kind::silenced:
      return "silenced";
    case Judgement::Kind::missed:
      return "missed";
    case Judgement::Kind::maybe:
      return "perhaps";
    case Judgement::Kind::no_rule:
      return "needs no rule";
  }
  return "";
}

struct Counts {
  std::size_t caught = 0;
  std::size_t silenced = 0;
  std::size_t missed = 0;
  std::size_t maybe = 0;
  std::size_t no_rule = 0;
};

// Judges events as they come, and writes a line for each.
class Judge final : public event::EventHandler {
 public:
  Judge(const ReadRules& read, const ruleset::DesiredState& state, const ruleset::Target& target,
        bool is_json)
      : read_(read), state_(state), target_(target), is_json_(is_json) {
    for (const ruleset::PlacedRule& placed : state.rules) rules_.push_back(placed.rule);
  }

  void on_event(event::Event& event) override {
    const ruleset::EventFacts facts = event_facts(event);
    const Judgement judgement = ruleset::judge(rules_, facts);
    count(judgement.kind);
    const std::string id = std::to_string(event.id.serial);
    const std::string line = is_json_ ? json(id, facts, judgement) : text(id, facts, judgement);
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
  void on_unparsed(const record::Datagram&) override {}

  const Counts& counts() const noexcept { return counts_; }

 private:
  void count(Judgement::Kind kind) {
    counts_.caught += kind == Judgement::Kind::caught;
    counts_.silenced += kind == Judgement::Kind::silenced;
    counts_.missed += kind == Judgement::Kind::missed;
    counts_.maybe += kind == Judgement::Kind::maybe;
    counts_.no_rule += kind == Judgement::Kind::no_rule;
  }

  static bool has_rule(const Judgement& judgement) {
    return judgement.kind == Judgement::Kind::caught || judgement.kind == Judgement::Kind::silenced;
  }

  std::string place(std::size_t rule) const {
    const ruleset::Place& at = state_.rules[rule].place;
    return read_.script.files.at(at.file) + ':' + std::to_string(at.line);
  }

  static std::string call_name(const ruleset::EventFacts& facts) {
    if (!facts.call) return "";
    const std::string_view name = facts.arch && !facts.is_uring
                                      ? record::syscall_name(*facts.arch, *facts.call)
                                      : std::string_view{};
    return name.empty() ? std::to_string(*facts.call) : std::string(name);
  }

  std::string text(const std::string& id, const ruleset::EventFacts& facts,
                   const Judgement& judgement) const {
    std::string out = id + "  " + kind_name(judgement.kind);
    if (facts.call) out += "  " + call_name(facts);
    if (has_rule(judgement)) {
      out += "  by " + place(judgement.rule) + "  ";
      append_visible(ruleset::rule_text(rules_[judgement.rule], target_),
                     standard_output().has_utf8, out);
    }
    for (const std::size_t rule : judgement.unknown) out += "\n    perhaps by " + place(rule);
    return out + '\n';
  }

  std::string json(const std::string& id, const ruleset::EventFacts& facts,
                   const Judgement& judgement) const {
    std::string out = "{\"schema\":1,\"serial\":" + id +
                      ",\"verdict\":" + json_string(kind_name(judgement.kind)) +
                      ",\"call\":" + json_string(call_name(facts));
    if (has_rule(judgement)) {
      out += ",\"place\":" + json_string(place(judgement.rule)) +
             ",\"rule\":" + json_string(ruleset::rule_text(rules_[judgement.rule], target_));
    }
    out += ",\"perhaps\":[";
    for (const std::size_t rule : judgement.unknown) {
      if (out.back() != '[') out += ',';
      out += json_string(place(rule));
    }
    out += "],\"left_out\":[";
    for (const std::uint32_t type : judgement.left_out) {
      if (out.back() != '[') out += ',';
      out += std::to_string(type);
    }
    return out + "]}\n";
  }

  const ReadRules& read_;
  const ruleset::DesiredState& state_;
  const ruleset::Target& target_;
  const bool is_json_;
  std::vector<ruleset::Rule> rules_;
  Counts counts_;
};

Status judge_files(const std::vector<std::string>& paths, Judge& judge) {
  auto files = input::rotation_order(paths);
  if (!files) return Unexpected<Error>(std::move(files).error());
  const auto source = input::ChainSource::open(*std::move(files));
  if (!source) return Unexpected<Error>(source.error());
  event::Assembler assembler(event::Options{}, event::TimeBase::stored, judge);
  input::Batch batch;
  for (;;) {
    const auto state = (*source)->read(batch);
    for (const record::Datagram& datagram : batch) assembler.add(datagram);
    if (!state) return Unexpected<Error>(state.error());
    if (*state == input::ReadState::ended) break;
  }
  assembler.flush();
  return Ok{};
}

}  // namespace

int run_rules_test(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_rules("test", kHelp, parse_rules_options(argc, argv), status);
  if (!options) return status;
  if (options->rules.empty()) return fail_rules("test", "--rules is missing");
  RulesHost host(*options);
  if (const Status loaded = host.load(); !loaded)
    return fail_rules("test", loaded.error().to_string());
  ReadRules read = read_and_compile(options->rules, host.target(), false);
  const ruleset::DesiredState state = ruleset::desired_state(read.compiled, read.findings);
  std::string told;
  append_findings_text(read.findings, read.script.files, told);
  std::fwrite(told.data(), 1, told.size(), stderr);
  if (read.findings.errors() != 0) return kExitRuleErrors;
  const bool is_json = options->format == RulesFormat::json;
  Judge judge(read, state, host.target(), is_json);
  if (const Status judged = judge_files(options->paths, judge); !judged) {
    return fail_rules("test", judged.error().to_string());
  }
  const Counts& counts = judge.counts();
  if (!is_json) {
    std::fprintf(stderr, "%zu caught, %zu silenced, %zu missed, %zu perhaps, %zu need no rule\n",
                 counts.caught, counts.silenced, counts.missed, counts.maybe, counts.no_rule);
  }
  if (std::fflush(stdout) != 0) return kExitRuleErrors;
  return counts.silenced + counts.missed + counts.maybe == 0 ? kExitOk : kExitMissed;
}

}  // namespace sorrel::sorrelctl
