#include "ruleset/netlink_rule_kernel.h"

#include <linux/audit.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "netlink/message.h"
#include "rule_samples.h"
#include "ruleset/wire.h"
#include "scripted_socket.h"

using namespace sorrel;
using namespace sorrel::ruleset;
using Catch::Matchers::Contains;
namespace message = netlink::message;

namespace {

using Answer = ScriptedSocket::Answer;
using Answers = std::vector<Answer>;

// An acknowledgement, or a refusal: struct nlmsgerr with the request's header.
Answer result(int error_number) {
  Answer answer{message::kError, std::vector<std::byte>(4 + netlink::kHeaderBytes)};
  const std::int32_t code = -error_number;
  std::memcpy(answer.payload.data(), &code, sizeof code);
  return answer;
}

Answer listed(const Rule& rule) {
  return {message::kListRules, encode_rule(rule)};
}

struct Fixture {
  ManualClock clock;
  Answers answers;
  std::vector<std::pair<std::uint16_t, std::vector<std::byte>>> requests;
  netlink::ControlSocket socket{std::make_unique<ScriptedSocket>(
                                    clock,
                                    [this](std::uint16_t type, std::span<const std::byte> bytes) {
                                      requests.emplace_back(
                                          type, std::vector(bytes.begin(), bytes.end()));
                                      return answers;
                                    }),
                                clock, 1'000};
  NetlinkRuleKernel kernel{socket};
};

const Rule kA = call_rule({1, 59}, 1, "a");
const Rule kB = watch_rule("/etc/passwd", "b");

}  // namespace

TEST_CASE("the list of rules is read to its end, in order", "[ruleset]") {
  Fixture f;
  f.answers = {listed(kA), listed(kB), listed(exclude_rule(1307)), {message::kDone, {}}};
  const auto rules = f.kernel.list();
  REQUIRE(rules);
  CHECK(*rules == std::vector{kA, kB, exclude_rule(1307)});
}

TEST_CASE("a list without an end is an error, never a part of the rules", "[ruleset]") {
  Fixture f;
  f.answers = {listed(kA), listed(kB)};
  const auto rules = f.kernel.list();
  REQUIRE_FALSE(rules);
  CHECK(rules.error().code == std::errc::timed_out);
}

TEST_CASE("an answer that is no rule is an error, and does not disturb what follows", "[ruleset]") {
  Fixture f;
  f.answers = {listed(kA),
               {message::kListRules, std::vector<std::byte>(100)},
               listed(kB),
               {message::kDone, {}}};
  REQUIRE_FALSE(f.kernel.list());
  f.answers = {listed(kB), {message::kDone, {}}};
  const auto rules = f.kernel.list();
  REQUIRE(rules);
  CHECK(*rules == std::vector{kB});
}

TEST_CASE("a refused list says why", "[ruleset]") {
  Fixture f;
  f.answers = {result(EPERM)};
  const auto rules = f.kernel.list();
  REQUIRE_FALSE(rules);
  CHECK(rules.error().code == std::errc::operation_not_permitted);
  CHECK_THAT(rules.error().message, Contains("AUDIT_LIST_RULES"));
}

TEST_CASE("rules are added with, and deleted without, the flag of the front", "[ruleset]") {
  Fixture f;
  f.answers = {result(0)};
  Rule front = kA;
  front.prepend = true;
  REQUIRE(f.kernel.add(front));
  REQUIRE(f.kernel.remove(front));
  REQUIRE(f.requests.size() == 2);
  CHECK(f.requests[0].first == message::kAddRule);
  CHECK(decode_rule(f.requests[0].second)->prepend);
  CHECK(f.requests[1].first == message::kDelRule);
  CHECK_FALSE(decode_rule(f.requests[1].second)->prepend);
}

TEST_CASE("each refusal keeps its errno and is told in words", "[ruleset]") {
  Fixture f;
  struct Row {
    int error_number;
    bool is_add;
    const char* words;
  };
  const Row row = GENERATE(Row{EEXIST, true, "identical"}, Row{ENOENT, true, "folder"},
                           Row{ENOENT, false, "no such rule"}, Row{EINVAL, true, "field"},
                           Row{EPERM, true, "locked"}, Row{EPERM, false, "locked"},
                           Row{ENOSPC, true, "max_user_watches"}, Row{ENOMEM, true, "memory"},
                           Row{EXDEV, true, "errno 18"});
  f.answers = {result(row.error_number)};
  const Status done = row.is_add ? f.kernel.add(kA) : f.kernel.remove(kA);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == std::error_code(row.error_number, std::generic_category()));
  CHECK_THAT(done.error().message, Contains(row.words));
}

TEST_CASE("a change without an answer is a time-out", "[ruleset]") {
  Fixture f;
  const Status done = f.kernel.add(kA);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == std::errc::timed_out);
}

TEST_CASE("enabled 2 is locked", "[ruleset]") {
  Fixture f;
  const std::uint32_t enabled = GENERATE(0u, 1u, 2u);
  std::vector<std::byte> status(44);
  std::memcpy(status.data() + 4, &enabled, sizeof enabled);
  f.answers = {{message::kGet, status}};
  const auto state = f.kernel.state();
  REQUIRE(state);
  CHECK(state->is_enabled == (enabled != 0));
  CHECK(state->is_locked == (enabled == 2));
}
