#include "ruleset/optimize.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "compiled.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"
#include "ruleset/desired_state.h"
#include "ruleset/match.h"
#include "ruleset/rule_disjoint.h"
#include "ruleset/text.h"

using namespace sorrel;
using namespace sorrel::ruleset;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const FakePaths kPaths({{"/etc", PathKind::folder}, {"/tmp", PathKind::folder}});
const Target kTarget{.paths = &kPaths};

std::vector<PlacedRule> placed(const std::string& text) {
  CompiledText compiled = compile_text(text, kTarget);
  return desired_state(compiled.compiled, compiled.findings).rules;
}

std::vector<std::string> lines(const std::vector<PlacedRule>& rules) {
  std::vector<std::string> texts;
  for (const PlacedRule& one : rules) texts.push_back(rule_text(one.rule, kTarget));
  return texts;
}

std::vector<Rule> rules_of(const std::vector<PlacedRule>& rules) {
  std::vector<Rule> all;
  for (const PlacedRule& one : rules) all.push_back(one.rule);
  return all;
}

// "always KEY", "never", "": what becomes of an event.
std::string outcome(const std::vector<Rule>& rules, const EventFacts& event) {
  const Judgement judgement = judge(rules, event);
  if (judgement.kind == Judgement::Kind::silenced) return "never";
  if (judgement.kind != Judgement::Kind::caught) return "";
  std::string key;
  for (const Field& field : rules[judgement.rule].fields) {
    if (field.id == field::kKey) key += field.text;
  }
  return "always " + key;
}

std::uint32_t pick(std::mt19937& random, std::uint32_t count) {
  return static_cast<std::uint32_t>(random() % count);
}

std::string random_line(std::mt19937& random) {
  static const std::vector<std::string> kCalls = {
      "openat", "unlinkat", "execve", "chmod,fchmod", "mkdir,rename", "execve,execveat"};
  static const std::vector<std::string> kFields = {
      "-F uid=0",        "-F uid=33",   "-F auid>=1000",  "-F auid=unset",
      "-F exit=-EACCES", "-F dir=/etc", "-F path=/etc/x", "-F uid!=0"};
  if (pick(random, 6) == 0) {
    return std::string("-w ") + (pick(random, 2) == 0 ? "/etc" : "/tmp") + " -p " +
           std::vector<std::string>{"wa", "r", "x", "rwxa"}[pick(random, 4)] + " -k " +
           std::to_string(pick(random, 3));
  }
  std::string line = pick(random, 4) == 0 ? "-a never,exit" : "-a always,exit";
  line += pick(random, 3) == 0 ? " -F arch=b32" : " -F arch=b64";
  line += " -S " + kCalls[pick(random, static_cast<std::uint32_t>(kCalls.size()))];
  for (std::uint32_t i = pick(random, 3); i != 0; --i) {
    line += ' ' + kFields[pick(random, static_cast<std::uint32_t>(kFields.size()))];
  }
  return line + " -k " + std::to_string(pick(random, 3));
}

EventFacts random_call(std::mt19937& random) {
  static const std::vector<std::string> kCalls = {
      "openat", "open",   "unlinkat", "execve",   "execveat", "chmod",    "fchmod",
      "mkdir",  "rename", "getppid",  "truncate", "bind",     "setxattr", "readlink"};
  static const std::vector<std::string> kNames = {"/etc/x", "/etc/y", "/tmp/z", "/home/a"};
  EventFacts event;
  event.arch = pick(random, 3) == 0 ? record::arch::kI386 : record::arch::kX86_64;
  event.call = record::syscall_number(
      *event.arch, kCalls[pick(random, static_cast<std::uint32_t>(kCalls.size()))]);
  for (auto& argument : event.arguments) argument = pick(random, 4);
  event.exit = pick(random, 2) == 0 ? -13 : 0;
  event.success = event.exit == 0;
  event.numbers[field::kUid] = std::vector<std::uint32_t>{0, 33, 1000}[pick(random, 3)];
  event.numbers[field::kAuid] = std::vector<std::uint32_t>{0, 1000, 0xffffffff}[pick(random, 3)];
  for (std::uint32_t i = pick(random, 3); i != 0; --i) {
    event.paths.push_back({.name = kNames[pick(random, 4)]});
  }
  return event;
}

}  // namespace

TEST_CASE("a rule on a folder is limited to the calls of its permission", "[ruleset]") {
  std::vector<PlacedRule> rules = placed("-w /etc -p x -k k\n-w /etc/file -p wa\n");
  narrow_folders(rules, kTarget);
  CHECK(lines(rules) ==
        std::vector<std::string>{
            "-a always,exit -F arch=b64 -S execve,execveat -F dir=/etc -F perm=x -F key=k",
            "-a always,exit -F arch=b32 -S execve,execveat -F dir=/etc -F perm=x -F key=k",
            "-w /etc/file -p wa"});
  CHECK(rules[0].notes.size() == 1);
  CHECK(rules[2].notes.empty());
}

TEST_CASE("what is not equal stays as it is", "[ruleset]") {
  const std::string text =
      "-a always,exit -F arch=b64 -F dir=/etc -F perm=wa\n"  // the compiler has named its calls
      "-a always,exit -S openat -F dir=/etc -F perm=wa\n"
      "-a always,exit -F dir=/etc\n"
      "-a always,exit -F dir=/etc -F perm!=w\n";
  std::vector<PlacedRule> rules = placed(text);
  const auto before = lines(rules);
  narrow_folders(rules, kTarget);
  CHECK(lines(rules) == before);
}

TEST_CASE("rules that differ by their calls become one", "[ruleset]") {
  std::vector<PlacedRule> rules = placed(
      "-a always,exit -F arch=b64 -S chmod -F auid>=1000 -k p\n"
      "-a always,exit -F arch=b32 -S chmod -F auid>=1000 -k p\n"
      "-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k p\n"
      "-a always,exit -F arch=b64 -S fchmodat -F auid>=1000 -k other\n");
  merge_calls(rules);
  CHECK(lines(rules) == std::vector<std::string>{
                            "-a always,exit -F arch=b64 -S chmod,fchmod -F auid>=1000 -F key=p",
                            "-a always,exit -F arch=b32 -S chmod -F auid>=1000 -F key=p",
                            "-a always,exit -F arch=b64 -S fchmodat -F auid>=1000 -F key=other"});
  CHECK_THAT(rules[0].notes.at(0), Contains("line 3"));
}

TEST_CASE("a rule does not pass one that could decide otherwise", "[ruleset]") {
  std::vector<PlacedRule> rules = placed(
      "-a always,exit -F arch=b64 -S chmod -F auid>=1000 -k p\n"
      "-a never,exit -F arch=b64 -S fchmod -F uid=0\n"
      "-a always,exit -F arch=b64 -S fchmod -F auid>=1000 -k p\n");
  merge_calls(rules);
  CHECK(rules.size() == 3);
}

TEST_CASE("a narrow never goes before what it cannot meet", "[ruleset]") {
  std::vector<PlacedRule> rules = placed(
      "-a always,exit -F arch=b64 -S execve -F uid=33 -k w\n"
      "-a always,exit -F arch=b64 -S execve -F uid=34 -k w\n"
      "-a never,exit -F arch=b64 -S execve -F uid=0 -F exe=/bin/true\n");
  move_never_first(rules);
  CHECK_THAT(lines(rules).front(), StartsWith("-a never"));
  rules = placed(
      "-a always,exit -F arch=b64 -S execve -F exe=/bin/false -k w\n"
      "-a never,exit -F arch=b64 -S execve -F exe=/bin/true\n");
  move_never_first(rules);  // two paths may be one file
  CHECK_THAT(lines(rules).front(), StartsWith("-a always"));
}

TEST_CASE("rules are disjoint when a value would have to be two", "[ruleset]") {
  struct Row {
    const char* a;
    const char* b;
    bool wanted;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"-S openat", "-S open", true},
           {"-S openat", "-S openat", false},
           {"-S openat -F uid=0", "-S openat -F uid=33", true},
           {"-S openat -F uid=0", "-S openat -F uid!=0", true},
           {"-S openat -F uid=5", "-S openat -F uid>=1000", true},
           {"-S openat -F uid=5", "-S openat -F uid<=1000", false},
           {"-S openat -F gid=5", "-S openat -F gid=6", false},
           {"-S openat -F path=/a", "-S openat -F path=/b", false},
           {"-S openat -F exe=/a", "-S openat -F exe=/b", false},
           {"-S openat -F auid=unset", "-S openat -F auid!=unset", true},
       }) {
    const auto rule = [](const char* text) {
      return placed(std::string("-a always,exit -F arch=b64 ") + text + "\n").at(0).rule;
    };
    INFO(row.a << " and " << row.b);
    CHECK(are_disjoint(rule(row.a), rule(row.b)) == row.wanted);
    CHECK(are_disjoint(rule(row.b), rule(row.a)) == row.wanted);
  }
}

// 300 rulesets, 200 events each.
TEST_CASE("every event is decided as by the rules that were written", "[ruleset][property]") {
  std::mt19937 random(4711);
  std::size_t changed = 0;
  std::size_t caught = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += random_line(random) + '\n';
    const std::vector<PlacedRule> written = placed(text);
    std::vector<PlacedRule> optimized = written;
    optimize(optimized, kTarget, {});
    changed += lines(written) != lines(optimized);
    const std::vector<Rule> before = rules_of(written);
    const std::vector<Rule> after = rules_of(optimized);
    for (int i = 0; i < 200; ++i) {
      const EventFacts event = random_call(random);
      const std::string wanted = outcome(before, event);
      caught += !wanted.empty();
      if (outcome(after, event) == wanted) continue;
      FAIL("round " << round << ", call " << event.call.value_or(0) << "\n" << text);
    }
  }
  CHECK(changed > 200);
  CHECK(caught > 5'000);
}
