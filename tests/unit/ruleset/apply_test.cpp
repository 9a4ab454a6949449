#include "ruleset/apply.h"

#include <cerrno>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "model_kernel.h"
#include "rule_samples.h"
#include "ruleset/rule_form.h"
#include "temp_folder.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

const Rule kA = call_rule({1}, 1, "a");
const Rule kB = call_rule({2}, 2, "b");
const Rule kC = watch_rule("/etc/c", "c");
const Rule kD = bare_rule(4, "d");

struct FakePaths final : HostPaths {
  bool exists(const std::string& path) const override { return !missing.contains(path); }
  std::set<std::string> missing;
};

struct Fixture {
  ModelKernel kernel;
  FakePaths paths;

  ApplyReport apply(const std::vector<Rule>& wanted, const ApplyOptions& options = {}) {
    auto report = ruleset::apply(kernel, wanted, paths, options);
    REQUIRE(report);
    return *std::move(report);
  }
};

// Refuses the `number`th change from now, once.
auto fail_once(int number, int error_number) {
  return [number, error_number](bool, const Rule&) mutable {
    return --number == 0 ? error_number : 0;
  };
}

}  // namespace

TEST_CASE("an unchanged ruleset costs one listing and no change", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA, kB, kC};
  const ApplyReport report = f.apply({kA, kB, kC});
  CHECK(report.outcome == Outcome::in_sync);
  CHECK(f.kernel.lists == 1);
  CHECK(f.kernel.adds + f.kernel.removes == 0);
}

TEST_CASE("a rule at the end costs one addition and the listing that proves it", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA, kB};
  const ApplyReport report = f.apply({kA, kB, kC});
  CHECK(report.outcome == Outcome::applied);
  CHECK(report.additions == 1);
  CHECK(f.kernel.adds == 1);
  CHECK(f.kernel.removes == 0);
  CHECK(f.kernel.lists == 2);
  CHECK(report.diff.added == std::vector{kC});
}

TEST_CASE("the written form is what is loaded in the end", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA, kB, kC};
  CHECK(f.apply({kA, kD, kB, kC}).outcome == Outcome::applied);
  CHECK(f.kernel.rules == std::vector{kA, kD, kB, kC});
}

TEST_CASE("without the written form a change has half of the deletions", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA, kB, kC};
  const ApplyOptions options{.written_form = false};
  CHECK(f.apply({kA, kD, kB, kC}, options).outcome == Outcome::applied);
  CHECK(f.kernel.removes == 2);
  CHECK(compare(f.kernel.rules, std::vector{kA, kD, kB, kC}).in_sync());
  CHECK(f.apply({kA, kD, kB, kC}, options).outcome == Outcome::in_sync);
}

TEST_CASE("a check changes nothing", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  CHECK(f.apply({kB}, {.check_only = true}).outcome == Outcome::would_change);
  CHECK(f.kernel.rules == std::vector{kA});
}

TEST_CASE("foreign rules are part of what is loaded, and go", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kD, kA};
  CHECK(f.apply({kA}).diff.removed == std::vector{kD});
  CHECK(f.kernel.rules == std::vector{kA});
}

TEST_CASE("a locked kernel in sync is fine, otherwise it needs a reboot", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.is_locked = true;
  CHECK(f.apply({kA}).outcome == Outcome::in_sync);
  CHECK(f.apply({kA, kB}).outcome == Outcome::needs_reboot);
  CHECK(f.apply({kA, kB}, {.check_only = true}).outcome == Outcome::needs_reboot);
  CHECK(f.kernel.rules == std::vector{kA});
  // A twin does what its rule does.
  f.kernel.rules = {*free_form(kA, true, [](const Rule&) { return true; })};
  CHECK(f.apply({kA}).outcome == Outcome::in_sync);
}

TEST_CASE("a step that fails is rolled back and named", "[ruleset]") {
  Fixture f;
  const std::vector<Rule> before{kA, kB, kC};
  for (int number = 2; number <= 6; ++number) {
    f.kernel.rules = before;
    f.kernel.refuse = fail_once(number, EINVAL);
    const ApplyReport report = f.apply({kD, bare_rule(6, "f"), kB, kA});
    INFO("change " << number);
    CHECK(report.outcome == Outcome::rolled_back);
    REQUIRE(report.failure);
    CHECK(report.failure->error.code == std::errc::invalid_argument);
    CHECK_FALSE(report.rollback_error);
    CHECK(f.kernel.rules == before);
  }
}

TEST_CASE("when the first step fails nothing has changed", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.refuse = fail_once(1, ENOSPC);
  const ApplyReport report = f.apply({kA, kB});
  CHECK(report.outcome == Outcome::failed);
  CHECK(report.additions + report.deletions == 0);
  CHECK(f.kernel.rules == std::vector{kA});
}

TEST_CASE("a rollback that fails says so", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.refuse = [n = 0](bool, const Rule&) mutable { return ++n >= 2 ? EPERM : 0; };
  const ApplyReport report = f.apply({kA, kB, kC});
  CHECK(report.outcome == Outcome::failed);
  CHECK(report.rollback_error);
}

TEST_CASE("a rule whose path is missing waits, and comes to its place later", "[ruleset]") {
  Fixture f;
  f.paths.missing = {"/etc"};
  const ApplyReport report = f.apply({kA, kC, kB});
  CHECK(report.outcome == Outcome::applied);
  REQUIRE(report.pending.size() == 1);
  CHECK(report.pending[0].rule == kC);
  CHECK(report.pending[0].path == "/etc");
  CHECK(f.kernel.rules == std::vector{kA, kB});
  // Waiting costs nothing.
  const std::size_t adds = f.kernel.adds;
  CHECK(f.apply({kA, kC, kB}).outcome == Outcome::in_sync);
  CHECK(f.kernel.adds == adds);
  f.paths.missing.clear();
  CHECK(f.apply({kA, kC, kB}).pending.empty());
  CHECK(f.kernel.rules == std::vector{kA, kC, kB});
}

TEST_CASE("a path that goes between the look and the addition is pending too", "[ruleset]") {
  Fixture f;
  f.kernel.missing_paths = {"/etc/c"};
  const ApplyReport report = f.apply({kA, kC, kB});
  CHECK(report.outcome == Outcome::applied);
  REQUIRE(report.pending.size() == 1);
  CHECK(f.kernel.rules == std::vector{kA, kB});
}

TEST_CASE("a rule that the kernel has removed by itself is loaded again", "[ruleset]") {
  Fixture f;
  REQUIRE(f.apply({kA, kC, kB}).outcome == Outcome::applied);
  std::erase(f.kernel.rules, kC);
  const ApplyReport report = f.apply({kA, kC, kB});
  CHECK(report.diff.added == std::vector{kC});
  CHECK(f.kernel.rules == std::vector{kA, kC, kB});
}

TEST_CASE("a rule that vanishes before its deletion is gone all the same", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kC, kA};
  f.kernel.refuse = [&](bool is_add, const Rule& rule) {
    if (!is_add && rule == kA) std::erase(f.kernel.rules, kC);
    return 0;
  };
  CHECK(f.apply({kD}).outcome == Outcome::applied);
  CHECK(f.kernel.rules == std::vector{kD});
}

TEST_CASE("another program that changes rules meanwhile is noticed", "[ruleset]") {
  Fixture f;
  bool once = true;
  f.kernel.on_change = [&] {
    if (std::exchange(once, false)) f.kernel.rules.push_back(kD);
  };
  CHECK(f.apply({kA, kB}).outcome == Outcome::applied);
  CHECK(f.kernel.rules == std::vector{kA, kB});
  f.kernel.on_change = [&] {
    f.kernel.rules.push_back(bare_rule(100 + unsigned(f.kernel.lists), "x"));
  };
  CHECK_FALSE(ruleset::apply(f.kernel, std::vector{kA, kC}, f.paths));
}

TEST_CASE("an apply that is cancelled stops, and the next one goes on", "[ruleset]") {
  Fixture f;
  const std::vector<Rule> wanted{kA, kB, kC};
  const ApplyOptions options{.is_cancelled = [&] { return f.kernel.adds == 2; }};
  CHECK(f.apply(wanted, options).outcome == Outcome::interrupted);
  CHECK(f.kernel.rules.size() == 2);
  CHECK(f.apply(wanted).additions == 1);
}

TEST_CASE("progress is told for every step", "[ruleset]") {
  Fixture f;
  std::size_t calls = 0;
  Progress last;
  f.apply({kA, kB, kC}, {.progress = [&](const Progress& now) {
            ++calls;
            last = now;
          }});
  CHECK(calls == 3);
  CHECK(last.done == 3);
  CHECK(last.total == 3);
}

TEST_CASE("a kill at any step is mended by the next apply, without a mixture", "[ruleset]") {
  struct Killed {};
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    const auto before = random_rules(random, 8);
    const auto wanted = edited(random, before);
    for (int stop = 1; stop < 20; ++stop) {
      Fixture f;
      f.kernel.rules = effective_order(before);
      f.kernel.on_change = [n = stop]() mutable {
        if (--n == 0) throw Killed();
      };
      try {
        f.apply(wanted);
        break;
      } catch (const Killed&) {
        f.kernel.on_change = nullptr;
        INFO("seed " << seed << ", after change " << stop);
        f.apply(wanted);
        REQUIRE(compare(f.kernel.rules, wanted).is_exact());
      }
    }
  }
}

TEST_CASE("limits are set before the rules, the lock after them", "[ruleset]") {
  Fixture f;
  f.kernel.settings[Setting::enabled] = 1;
  f.kernel.settings[Setting::backlog_limit] = 64;
  f.kernel.settings[Setting::loginuid_immutable] = 0;
  std::size_t rules_at_lock = 0;
  f.kernel.on_change = [&] { rules_at_lock = f.kernel.rules.size(); };
  ApplyOptions options;
  options.settings[Setting::enabled] = 2;
  options.settings[Setting::loginuid_immutable] = 1;
  options.settings[Setting::backlog_limit] = 8'192;
  const ApplyReport report = f.apply({kA, kB}, options);
  CHECK(report.outcome == Outcome::applied);
  CHECK(f.kernel.sets ==
        std::vector{Setting::backlog_limit, Setting::loginuid_immutable, Setting::enabled});
  CHECK(f.kernel.rules == std::vector{kA, kB});
  CHECK(rules_at_lock == 2);
  // Locked, and all is as wanted.
  CHECK(f.apply({kA, kB}, options).outcome == Outcome::in_sync);
  options.settings[Setting::backlog_limit] = 64;
  CHECK(f.apply({kA, kB}, options).outcome == Outcome::needs_reboot);
}

TEST_CASE("a setting alone is a change, and a look changes none", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.settings[Setting::failure] = 0;
  ApplyOptions options;
  options.settings[Setting::failure] = 1;
  options.settings[Setting::backlog_wait_time] = 5;  // which this kernel does not have
  options.check_only = true;
  ApplyReport report = f.apply({kA}, options);
  CHECK(report.outcome == Outcome::would_change);
  CHECK(f.kernel.sets.empty());
  REQUIRE(report.settings.size() == 1);
  CHECK(setting_text(report.settings[0]) == "failure 0 -> 1");
  options.check_only = false;
  CHECK(f.apply({kA}, options).outcome == Outcome::applied);
  CHECK(f.apply({kA}, options).outcome == Outcome::in_sync);
  CHECK(f.kernel.adds + f.kernel.removes == 0);
}

TEST_CASE("a refused setting leaves settings and rules as they were", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.settings[Setting::backlog_limit] = 64;
  f.kernel.settings[Setting::failure] = 0;
  f.kernel.refused_settings = {Setting::failure};
  ApplyOptions options;
  options.settings[Setting::backlog_limit] = 128;
  options.settings[Setting::failure] = 1;
  const ApplyReport report = f.apply({kB}, options);
  CHECK(report.outcome == Outcome::failed);
  REQUIRE(report.setting_failure);
  CHECK(report.setting_failure->change.setting == Setting::failure);
  CHECK(f.kernel.rules == std::vector{kA});
  CHECK(f.kernel.settings[Setting::backlog_limit] == 64U);
}

TEST_CASE("a rolled back change takes its settings back, and never locks", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.settings[Setting::backlog_limit] = 64;
  f.kernel.settings[Setting::enabled] = 1;
  f.kernel.refuse = fail_once(2, EINVAL);
  ApplyOptions options;
  options.settings[Setting::backlog_limit] = 128;
  options.settings[Setting::enabled] = 2;
  const ApplyReport report = f.apply({kA, kB, kC}, options);
  CHECK(report.outcome == Outcome::rolled_back);
  CHECK(f.kernel.settings[Setting::backlog_limit] == 64U);
  CHECK(f.kernel.settings[Setting::enabled] == 1U);
  CHECK(f.kernel.rules == std::vector{kA});
}

TEST_CASE("a lock that is refused takes the rules back", "[ruleset]") {
  Fixture f;
  f.kernel.rules = {kA};
  f.kernel.settings[Setting::enabled] = 1;
  f.kernel.refused_settings = {Setting::enabled};
  ApplyOptions options;
  options.settings[Setting::enabled] = 2;
  const ApplyReport report = f.apply({kA, kB}, options);
  CHECK(report.outcome == Outcome::rolled_back);
  CHECK(f.kernel.rules == std::vector{kA});
}

TEST_CASE("two changes do not run together", "[ruleset]") {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/run/rules.lock";
  const auto mine = ApplyLock::open(path);
  const auto theirs = ApplyLock::open(path);
  REQUIRE((mine && theirs));
  Fixture f;
  {
    const auto held = theirs->hold();
    REQUIRE(held);
    const auto refused = mine->hold({}, 30);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == std::errc::resource_unavailable_try_again);
    const auto cancelled = ruleset::apply(f.kernel, std::vector{kA}, f.paths,
                                          {.is_cancelled = [] { return true; }, .lock = &*mine});
    REQUIRE_FALSE(cancelled);
    CHECK(f.kernel.adds == 0);
  }
  CHECK(f.apply({kA}, {.lock = &*mine}).outcome == Outcome::applied);
  CHECK(theirs->hold({}, 0));
}

TEST_CASE("the configuration's settings win, and the larger queue", "[ruleset]") {
  SettingValues configured;
  SettingValues files;
  configured[Setting::failure] = 0;
  files[Setting::failure] = 2;
  files[Setting::rate_limit] = 7;
  configured[Setting::backlog_limit] = 65'536;
  for (const auto& [file, wanted] : {std::pair{8'192U, 65'536U}, {70'000U, 70'000U}, {0U, 0U}}) {
    files[Setting::backlog_limit] = file;
    CHECK(merge_settings(configured, files)[Setting::backlog_limit] == wanted);
  }
  CHECK(merge_settings(configured, files)[Setting::failure] == 0U);
  CHECK(merge_settings(configured, files)[Setting::rate_limit] == 7U);
}
