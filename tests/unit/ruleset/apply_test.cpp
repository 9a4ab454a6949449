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
