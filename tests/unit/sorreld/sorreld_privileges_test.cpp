#include <linux/capability.h>

#include <algorithm>

#include "catch.h"
#include "sorreld/privileges.h"

namespace sorrel::agent {
namespace {

using Capabilities = std::vector<unsigned>;

config::Options options_for(input::Kind kind) {
  config::Options options;
  options.input.kind = kind;
  return options;
}

const Account kSorrel{.name = "sorrel", .uid = 998, .gid = 998};
// What a kernel input needs: the last two are for /proc.
const Capabilities kKernel = {CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_WRITE,
                              CAP_AUDIT_CONTROL, CAP_AUDIT_READ};

Capabilities all() {
  Capabilities capabilities;
  for (unsigned i = 0; i <= CAP_LAST_CAP; ++i) capabilities.push_back(i);
  return capabilities;
}

}  // namespace

TEST_CASE("an input asks for no capability that it does not need", "[sorreld][privileges]") {
  config::Options kernel = options_for(input::Kind::kernel);
  CHECK(needed_capabilities(kernel) == kKernel);
  kernel.enrich = enrich::Options::none();
  CHECK(needed_capabilities(kernel) ==
        Capabilities{CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL, CAP_AUDIT_READ});
  kernel.netlink.heartbeat_ms = 0;
  CHECK(needed_capabilities(kernel) == Capabilities{CAP_AUDIT_CONTROL, CAP_AUDIT_READ});
  kernel.netlink.fall_back_to_multicast = false;
  CHECK(needed_capabilities(kernel) == Capabilities{CAP_AUDIT_CONTROL});
  config::Options listener = options_for(input::Kind::multicast);
  CHECK(needed_capabilities(listener) ==
        Capabilities{CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_READ});
  listener.enrich = enrich::Options::none();
  CHECK(needed_capabilities(listener) == Capabilities{CAP_AUDIT_READ});
  listener.enrich.environment = {"LD_*"};
  CHECK(needed_capabilities(listener) ==
        Capabilities{CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_READ});
  CHECK(needed_capabilities(options_for(input::Kind::replay)).empty());
  CHECK(needed_capabilities(options_for(input::Kind::unix_socket)).empty());
}

TEST_CASE("root becomes the configured user and keeps what is needed", "[sorreld][privileges]") {
  const PrivilegePlan plan =
      plan_privileges(options_for(input::Kind::kernel), {.uid = 0, .capabilities = all()}, kSorrel);
  REQUIRE(plan.become);
  CHECK(plan.become->uid == 998);
  CHECK(plan.keep == kKernel);
  CHECK(plan.limit);
  CHECK(plan.harden);
  CHECK(plan.missing.empty());
  CHECK(plan.note.empty());
}

TEST_CASE("a replay by root with a user keeps no capability at all", "[sorreld][privileges]") {
  const PrivilegePlan plan =
      plan_privileges(options_for(input::Kind::replay), {.uid = 0, .capabilities = all()}, kSorrel);
  CHECK(plan.become);
  CHECK(plan.keep.empty());
  CHECK(plan.limit);
}

TEST_CASE("a user without capabilities is told which one it takes", "[sorreld][privileges]") {
  const Credentials nobody{.uid = 1000, .capabilities = {}};
  const PrivilegePlan kernel =
      plan_privileges(options_for(input::Kind::kernel), nobody, std::nullopt);
  CHECK(kernel.missing == kKernel);
  CHECK(kernel.is_missing_essential);
  CHECK(capability_names(kernel.missing) ==
        "CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL, CAP_AUDIT_READ");
  const PrivilegePlan listener =
      plan_privileges(options_for(input::Kind::multicast), nobody, std::nullopt);
  CHECK(listener.missing == Capabilities{CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_READ});
  CHECK(listener.is_missing_essential);
  const PrivilegePlan replay =
      plan_privileges(options_for(input::Kind::replay), nobody, std::nullopt);
  CHECK(replay.missing.empty());
  CHECK(!replay.limit);
}

TEST_CASE("without the capabilities for heartbeats and /proc the daemon runs, but says so",
          "[sorreld][privileges]") {
  const PrivilegePlan plan = plan_privileges(
      options_for(input::Kind::kernel),
      {.uid = 998, .capabilities = {CAP_AUDIT_CONTROL, CAP_AUDIT_READ}}, std::nullopt);
  CHECK(plan.missing == Capabilities{CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_AUDIT_WRITE});
  CHECK(!plan.is_missing_essential);
  CHECK(plan.keep == Capabilities{CAP_AUDIT_CONTROL, CAP_AUDIT_READ});
}

TEST_CASE("a user with more than is needed gives the rest up", "[sorreld][privileges]") {
  Capabilities more = kKernel;
  more.push_back(CAP_SYSLOG);
  std::sort(more.begin(), more.end());
  const PrivilegePlan plan = plan_privileges(options_for(input::Kind::kernel),
                                             {.uid = 998, .capabilities = more}, kSorrel);
  CHECK(plan.limit);
  CHECK(!plan.become);
  CHECK(plan.keep == kKernel);
  const PrivilegePlan exact = plan_privileges(options_for(input::Kind::kernel),
                                              {.uid = 998, .capabilities = kKernel}, kSorrel);
  CHECK(!exact.limit);
  CHECK(exact.harden);
}

TEST_CASE("root without a user keeps audit and files, and nothing else", "[sorreld][privileges]") {
  const Credentials root{.uid = 0, .capabilities = all()};
  const PrivilegePlan kernel =
      plan_privileges(options_for(input::Kind::kernel), root, std::nullopt);
  CHECK(!kernel.become);
  CHECK(kernel.limit);
  CHECK(kernel.keep == Capabilities{CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
                                    CAP_SYS_PTRACE, CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL,
                                    CAP_AUDIT_READ});
  CHECK_THAT(kernel.note, Catch::Matchers::Contains("user"));
  const PrivilegePlan replay =
      plan_privileges(options_for(input::Kind::replay), root, std::nullopt);
  CHECK(!replay.limit);
  CHECK(!replay.harden);
  CHECK(replay.note.empty());
}

TEST_CASE("only root can become another user", "[sorreld][privileges]") {
  const PrivilegePlan plan =
      plan_privileges(options_for(input::Kind::replay), {.uid = 1000, .capabilities = {}}, kSorrel);
  CHECK(!plan.become);
  CHECK_THAT(plan.note, Catch::Matchers::Contains("only root"));
}

TEST_CASE("a user that there is not is named, with what to do", "[sorreld][privileges]") {
  const auto account = find_account("no-such-user-of-sorrel");
  REQUIRE(!account);
  CHECK_THAT(account.error().message, Catch::Matchers::Contains("no-such-user-of-sorrel"));
  CHECK_THAT(account.error().message, Catch::Matchers::Contains("useradd"));
  REQUIRE(find_account("root"));
  CHECK(find_account("root")->uid == 0);
}

}  // namespace sorrel::agent
