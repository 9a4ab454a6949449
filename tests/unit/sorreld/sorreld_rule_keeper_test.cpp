#include <unistd.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catch.h"
#include "sorreld/rule_keeper.h"
#include "unit/ruleset/model_kernel.h"
#include "unit/ruleset/rule_samples.h"

using namespace sorrel;
using namespace sorrel::agent;
using namespace sorrel::ruleset;
using Catch::Matchers::Contains;

namespace {

const Rule kA = call_rule({1}, 1, "a");
const Rule kB = call_rule({2}, 2, "b");
const Rule kC = watch_rule("/later/c", "c");
const Rule kForeign = bare_rule(9, "foreign");

struct FakePaths final : HostPaths {
  bool exists(const std::string& path) const override { return !missing.contains(path); }
  std::set<std::string> missing;
};

struct FakeWatch final : PathWatch {
  void wait_for(const std::vector<std::string>& wanted) override { paths = wanted; }
  int fd() const noexcept override { return -1; }
  std::uint32_t poll_ms() const noexcept override { return 0; }
  bool appeared() override { return std::exchange(has_appeared, false); }
  std::vector<std::string> paths;
  bool has_appeared = false;
};

struct Fixture {
  ManualClock clock;
  ModelKernel kernel;
  FakePaths paths;
  FakeWatch watch;
  std::vector<Rule> files{kA, kB};
  SettingValues settings;
  OneTimeActions actions;
  std::string bad_file;
  std::vector<std::string> told;
  config::RulesOptions options{.paths = {"/rules.d"}};
  RuleKeeper keeper{kernel,
                    paths,
                    watch,
                    clock,
                    {.read = [this](const config::RulesOptions&) -> Result<RuleKeeper::Wanted> {
                       if (bad_file.empty()) return RuleKeeper::Wanted{files, settings, actions};
                       return fail(std::errc::invalid_argument, bad_file);
                     },
                     .print = [](const Rule& rule) { return rule.fields.back().text; },
                     .tell = [this](std::string body) { told.push_back(std::move(body)); },
                     .is_ending = [] { return false; }}};

  void load() {
    keeper.load(options);
    keeper.run_due();
    told.clear();
  }
  // After the changes have settled.
  void run_later(std::uint64_t ms = 500) {
    clock.advance_ms(ms);
    keeper.run_due();
  }
  std::string all_told() const {
    std::string text;
    for (const std::string& body : told) text += body + '\n';
    return text;
  }
};

RuleChange by_process(std::uint32_t pid) {
  return {.op = "remove_rule",
          .key = "a",
          .has_process = true,
          .pid = pid,
          .auid = "1000",
          .uid = "0",
          .comm = "auditctl",
          .exe = "/usr/sbin/auditctl"};
}

}  // namespace

TEST_CASE("the files' rules are loaded and told", "[sorreld]") {
  Fixture f;
  f.keeper.load(f.options);
  f.keeper.run_due();
  CHECK(f.kernel.rules == f.files);
  CHECK_THAT(f.all_told(), Contains("op=rules-loaded outcome=applied rules=2 added=2"));
  CHECK(f.keeper.in_sync());
}

TEST_CASE("without files the kernel's rules are left alone", "[sorreld]") {
  Fixture f;
  f.kernel.rules = {kForeign};
  f.options.paths.clear();
  f.keeper.load(f.options);
  CHECK(f.keeper.run_due() == UINT64_MAX);
  CHECK(f.kernel.rules == std::vector{kForeign});
  CHECK(f.told.empty());
}

TEST_CASE("a file that is wrong is told, and the rules of before stay", "[sorreld]") {
  Fixture f;
  f.load();
  f.bad_file = "10.rules:3: no";
  f.keeper.load(f.options);
  f.keeper.run_due();
  CHECK(f.kernel.rules == f.files);
  CHECK_THAT(f.all_told(), Contains("op=rules-unreadable") && Contains("10.rules:3"));
}

TEST_CASE("a rule that somebody removed is brought back, and who did it is told", "[sorreld]") {
  Fixture f;
  f.load();
  std::erase(f.kernel.rules, kA);
  f.keeper.notice(by_process(4711));
  CHECK(f.told.empty());
  f.run_later();
  CHECK(f.kernel.rules == f.files);
  CHECK_THAT(f.all_told(), Contains("op=rules-drift action=repaired missing=1 foreign=0") &&
                               Contains("auid=1000") && Contains("pid=4711") &&
                               Contains("exe=\"/usr/sbin/auditctl\"") && Contains("rule=\"a\""));
}

TEST_CASE("our own changes are no drift", "[sorreld]") {
  Fixture f;
  f.load();
  f.keeper.notice(by_process(static_cast<std::uint32_t>(::getpid())));
  const std::size_t lists = f.kernel.lists;
  f.run_later();
  CHECK(f.kernel.lists == lists);
  // Those that name nobody are looked at, and found to be nothing.
  RuleChange unnamed;
  unnamed.op = "add_rule";
  f.keeper.notice(unnamed);
  f.run_later();
  CHECK(f.kernel.lists == lists + 1);
  CHECK(f.told.empty());
}

TEST_CASE("drift that nobody told of is found by looking", "[sorreld]") {
  Fixture f;
  f.load();
  f.kernel.rules.push_back(kForeign);
  f.run_later(30'000);
  CHECK(f.told.empty());
  f.run_later(30'000);
  CHECK_THAT(f.all_told(), Contains("foreign=1") && Contains("by=unknown"));
  CHECK(f.kernel.rules == f.files);
}

TEST_CASE("with alert drift is told once and left", "[sorreld]") {
  Fixture f;
  f.options.drift = config::Drift::alert;
  f.load();
  f.kernel.rules.push_back(kForeign);
  f.run_later(60'000);
  f.run_later(60'000);
  CHECK(f.told.size() == 1);
  CHECK_THAT(f.all_told(), Contains("action=alert"));
  CHECK(f.kernel.rules.size() == 3);
  CHECK_FALSE(f.keeper.in_sync());
  // Somebody else who does something is told again.
  f.keeper.notice(by_process(5));
  f.run_later();
  CHECK(f.told.size() == 2);
}

TEST_CASE("with off nothing is looked at after the load", "[sorreld]") {
  Fixture f;
  f.options.drift = config::Drift::off;
  f.load();
  f.keeper.notice(by_process(5));
  CHECK(f.keeper.run_due() == UINT64_MAX);
}

TEST_CASE("foreign rules are kept when asked, and rules that left the files go", "[sorreld]") {
  Fixture f;
  f.options.keep_foreign = true;
  f.kernel.rules = {kForeign};
  f.load();
  CHECK(f.kernel.rules == std::vector{kForeign, kA, kB});
  f.files = {kB};
  f.load();
  CHECK(f.kernel.rules == std::vector{kForeign, kB});
  // And foreign rules that come later are no drift.
  f.kernel.rules.push_back(bare_rule(8, "other"));
  f.run_later(60'000);
  CHECK(f.told.empty());
  // A rule of ours that goes is.
  std::erase(f.kernel.rules, kB);
  f.run_later(60'000);
  CHECK_THAT(f.all_told(), Contains("missing=1"));
}

TEST_CASE("a rule that waits for its path is told, and loaded when it appears", "[sorreld]") {
  Fixture f;
  f.files = {kA, kC, kB};
  f.paths.missing = {"/later"};
  f.keeper.load(f.options);
  f.keeper.run_due();
  CHECK_THAT(f.all_told(), Contains("op=rules-pending count=1 path=\"/later\""));
  CHECK(f.keeper.pending() == 1);
  CHECK(f.watch.paths == std::vector<std::string>{"/later"});
  f.told.clear();
  f.paths.missing.clear();
  f.watch.has_appeared = true;
  f.keeper.run_due();
  CHECK(f.kernel.rules == f.files);
  CHECK(f.keeper.pending() == 0);
  CHECK_THAT(f.all_told(), Contains("op=rules-loaded") && !Contains("op=rules-drift"));
}

TEST_CASE("a locked kernel that differs is told, and not hammered", "[sorreld]") {
  Fixture f;
  f.kernel.is_locked = true;
  f.keeper.load(f.options);
  const std::uint64_t wait_ns = f.keeper.run_due();
  CHECK_THAT(f.all_told(), Contains("outcome=needs_reboot") && Contains("res=failed"));
  CHECK(wait_ns >= 10'000'000'000);
  f.told.clear();
  f.run_later(60'000);
  f.run_later(60'000);
  CHECK(f.told.size() == 1);
}

TEST_CASE("settings of the files are kept as the rules are", "[sorreld]") {
  Fixture f;
  f.kernel.settings[Setting::failure] = 0;
  f.kernel.settings[Setting::backlog_limit] = 64;
  f.settings[Setting::failure] = 1;
  f.settings[Setting::backlog_limit] = 8'192;
  SettingValues configured;
  configured[Setting::backlog_limit] = 65'536;
  f.keeper.load(f.options, configured);
  f.keeper.run_due();
  CHECK(f.kernel.settings[Setting::failure] == 1U);
  CHECK(f.kernel.settings[Setting::backlog_limit] == 65'536U);
  CHECK_THAT(f.all_told(), Contains("settings=\"backlog_limit 64 -> 65536, failure 0 -> 1\""));
  f.told.clear();
  f.kernel.settings[Setting::failure] = 2;
  RuleChange change = by_process(4'711);
  change.op = "set";
  f.keeper.notice(change);
  f.run_later();
  CHECK(f.kernel.settings[Setting::failure] == 1U);
  CHECK_THAT(f.all_told(), Contains("op=rules-drift action=repaired") &&
                               Contains("failure 2 -> 1") && Contains("auditctl"));
}

TEST_CASE("with drift: alert a changed setting is told and left", "[sorreld]") {
  Fixture f;
  f.kernel.settings[Setting::failure] = 1;
  f.settings[Setting::failure] = 1;
  f.options.drift = config::Drift::alert;
  f.load();
  f.kernel.settings[Setting::failure] = 0;
  f.keeper.notice(by_process(4'711));
  f.run_later();
  CHECK(f.kernel.settings[Setting::failure] == 0U);
  CHECK_FALSE(f.keeper.in_sync());
  CHECK_THAT(f.all_told(), Contains("op=rules-drift action=alert") && Contains("failure 0 -> 1"));
}

TEST_CASE("what is done once is done by a load, not by a look", "[sorreld]") {
  Fixture f;
  f.actions.trim = true;
  f.load();
  CHECK(f.kernel.acts.size() == 1);
  f.keeper.notice(by_process(4'711));
  f.run_later();
  CHECK(f.kernel.acts.size() == 1);
}
