// The constants themselves: tests/guest/cost/run.py --check, against a kernel that counts.
#include "ruleset/cost.h"

#include <numeric>
#include <string>
#include <vector>

#include "catch.h"
#include "compiled.h"
#include "record/tables/arch.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

constexpr std::uint32_t kArch = record::arch::kX86_64;
constexpr CostedCall kOpenat{257, true};
constexpr CostedCall kGetppid{110, false};

std::vector<Rule> rules(const std::string& text) {
  std::vector<Rule> all;
  for (const Compiled& one : compile_text(text).compiled) all.push_back(one.rule);
  return all;
}

double cost(const std::string& text, CostedCall call) {
  return call_cost(rules(text), kArch, call);
}

}  // namespace

TEST_CASE("without a rule of the list exit nothing is added", "[ruleset]") {
  CHECK(cost("", kOpenat) == 0);
  CHECK(cost("-a always,exclude -F msgtype=CWD\n", kOpenat) == 0);
}

TEST_CASE("the first rule prepares every call, those with a path more", "[ruleset]") {
  const std::string elsewhere = "-a always,exit -F arch=b64 -S reboot\n";
  CHECK(cost(elsewhere, kGetppid) > preparation_cost(false));
  CHECK(cost(elsewhere, kOpenat) - cost(elsewhere, kGetppid) ==
        preparation_cost(true) - preparation_cost(false));
}

TEST_CASE("a rule costs until a field does not hold", "[ruleset]") {
  const auto one = [](const std::string& fields) {
    return cost("-a always,exit -F arch=b64 -S openat " + fields + "\n", kOpenat);
  };
  CHECK(one("-F uid=1") < one("-F auid>=1000 -F uid=1"));
  // What is behind the first that fails is not looked at.
  CHECK(one("-F uid=1 -F euid=1 -F suid=1") == one("-F uid=1"));
  // Of another architecture: only that is found out.
  CHECK(cost("-a always,exit -F arch=b32 -S all -F uid=1 -F gid=1\n", kOpenat) ==
        cost("-a always,exit -F arch=b32 -S all -F uid=1\n", kOpenat));
}

TEST_CASE("rules on files are nearly free, rules on folders cost the calls that they name",
          "[ruleset]") {
  const std::string file = "-w /etc/passwd -p wa\n";
  const std::string folder = "-a always,exit -F dir=/etc -F perm=wa\n";
  const std::string narrow = "-a always,exit -F arch=b64 -F dir=/etc -F perm=wa\n";
  CHECK(cost(file, kGetppid) == preparation_cost(false));
  CHECK(cost(folder, kGetppid) - preparation_cost(false) > 80);
  CHECK(cost(narrow, kGetppid) - preparation_cost(false) < 30);
  CHECK(cost(narrow, kOpenat) > cost(narrow, kGetppid));
}

TEST_CASE("the mix is a whole, and names the dearest rule", "[ruleset]") {
  double shares = 0;
  for (const MixedCall& call : call_mix()) shares += call.share;
  CHECK(shares == Approx(1.0).margin(0.01));
  const std::vector<double> costs = mean_rule_costs(rules("-a always,exit -F arch=b64 -S reboot\n"
                                                          "-a always,exit -S all -F dir=/tmp\n"
                                                          "-w /etc/passwd -p wa\n"),
                                                    kArch);
  CHECK(costs[1] > costs[0]);
  CHECK(costs[0] > costs[2]);
}

TEST_CASE("calls that are given a path are known", "[ruleset]") {
  for (const char* const call : {"openat", "newfstatat", "unlinkat", "execve", "stat", "chmod"}) {
    CHECK(takes_path(call));
  }
  for (const char* const call : {"getppid", "read", "fstat", "close", "futex"}) {
    CHECK_FALSE(takes_path(call));
  }
}
