#include "netlink/kernel_settings.h"

#include <cerrno>
#include <vector>

#include "catch.h"
#include "fake_kernel.h"
#include "netlink/message.h"

using namespace sorrel;
using namespace sorrel::netlink;
using Catch::Matchers::Contains;
using test::FakeKernel;
using Kind = SettingOutcome::Kind;

namespace {

struct Fixture {
  ManualClock clock;
  FakeKernel kernel{clock};
  ControlSocket control{kernel.open(100), clock};

  std::vector<std::uint32_t> masks() const {
    std::vector<std::uint32_t> all;
    for (const auto& request : kernel.requests) {
      if (request.type == message::kSet) all.push_back(request.mask);
    }
    return all;
  }
};

const KernelSettings kAll{
    .enabled = 1, .failure = 0, .backlog_limit = 8192, .backlog_wait_time = 100, .rate_limit = 500};

}  // namespace

TEST_CASE("settings are written one bit at a time, enabled last", "[netlink]") {
  Fixture f;
  f.kernel.status.enabled = 0;
  const auto report = apply_settings(f.control, kAll);
  REQUIRE(report);
  CHECK(report->ok());
  CHECK(f.masks() == std::vector<std::uint32_t>{0x10, 0x20, 0x08, 0x02, 0x01});
  CHECK(report->outcomes.size() == 5);
  CHECK(report->status.enabled == 1);
  CHECK(f.kernel.status.backlog_wait_time == 100);
  CHECK_THAT(report->outcomes[0].message, Contains("backlog_limit changed from 64 to 8192"));
}

TEST_CASE("what is as wanted already is not written", "[netlink]") {
  Fixture f;
  REQUIRE(apply_settings(f.control, kAll));
  f.kernel.requests.clear();
  const auto report = apply_settings(f.control, kAll);
  REQUIRE(report);
  CHECK(report->outcomes.empty());
  CHECK(f.masks().empty());
}

TEST_CASE("no setting means none is touched", "[netlink]") {
  Fixture f;
  KernelSettings none;
  none.backlog_limit.reset();
  REQUIRE(apply_settings(f.control, none));
  CHECK(f.masks().empty());
}

TEST_CASE("a locked kernel is a note, not an error", "[netlink]") {
  Fixture f;
  f.kernel.status.enabled = 2;
  const auto report = apply_settings(f.control, kAll);
  REQUIRE(report);
  CHECK(report->ok());
  CHECK(f.masks().empty());
  REQUIRE(report->outcomes.size() == 5);
  for (const auto& outcome : report->outcomes) {
    CHECK(outcome.kind == Kind::locked);
    CHECK_THAT(outcome.message, Contains("next boot"));
  }
}

TEST_CASE("locking comes after everything else", "[netlink]") {
  Fixture f;
  KernelSettings lock = kAll;
  lock.enabled = 2;
  const auto report = apply_settings(f.control, lock);
  REQUIRE(report);
  CHECK(report->ok());
  CHECK(f.kernel.status.enabled == 2);
  CHECK(f.kernel.status.rate_limit == 500);
  const auto again = apply_settings(f.control, lock);
  REQUIRE(again);
  CHECK(again->outcomes.empty());
}

TEST_CASE("a refused setting is reported and does not stop the others", "[netlink]") {
  Fixture f;
  KernelSettings wanted = kAll;
  wanted.backlog_wait_time = 150'001;
  const auto report = apply_settings(f.control, wanted);
  REQUIRE(report);
  CHECK_FALSE(report->ok());
  REQUIRE(report->outcomes.size() == 4);
  CHECK(report->outcomes[1].kind == Kind::refused);
  CHECK_THAT(report->outcomes[1].message,
             Contains("backlog_wait_time is 15000, not 150001") && Contains("range"));
  CHECK(f.kernel.status.rate_limit == 500);
}

TEST_CASE("a setting that this kernel lacks is named", "[netlink]") {
  Fixture f;
  f.kernel.status_bytes = 32;
  const auto report = apply_settings(f.control, kAll);
  REQUIRE(report);
  CHECK(report->ok());
  CHECK(report->outcomes.at(1).kind == Kind::unknown);
}

TEST_CASE("a change that did not stick is found by reading back", "[netlink]") {
  Fixture f;
  f.kernel.force = true;
  f.kernel.forced_value = 1;
  KernelSettings wanted;
  wanted.backlog_limit = 8192;
  const auto report = apply_settings(f.control, wanted);
  REQUIRE(report);
  CHECK_FALSE(report->ok());
  CHECK_THAT(report->outcomes.at(0).message, Contains("but the kernel now says 1"));
}

TEST_CASE("missing privileges are reported for each setting", "[netlink]") {
  Fixture f;
  f.kernel.may_control = false;
  const auto report = apply_settings(f.control, kAll);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == std::errc::operation_not_permitted);
}

TEST_CASE("remembered settings restore what was before", "[netlink]") {
  Fixture f;
  const auto before = f.control.status();
  REQUIRE(before);
  KernelSettings wanted;
  wanted.failure = 2;
  wanted.backlog_limit = 65536;
  const KernelSettings saved = remember_settings(*before, wanted);
  CHECK_FALSE(saved.enabled.has_value());
  CHECK_FALSE(saved.rate_limit.has_value());
  REQUIRE(apply_settings(f.control, wanted));
  CHECK(f.kernel.status.failure == 2);
  REQUIRE(apply_settings(f.control, saved));
  CHECK(f.kernel.status.failure == 1);
  CHECK(f.kernel.status.backlog_limit == 64);
}

TEST_CASE("a setting the kernel lacks is not remembered", "[netlink]") {
  KernelStatus status;
  KernelSettings wanted = kAll;
  CHECK_FALSE(remember_settings(status, wanted).backlog_wait_time.has_value());
}
