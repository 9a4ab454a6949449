#include "netlink/kernel_status.h"

#include <array>
#include <cstring>
#include <vector>

#include "catch.h"

using namespace sorrel;
using namespace sorrel::netlink;

namespace {

std::vector<std::byte> words(std::size_t bytes) {
  std::vector<std::byte> payload(bytes);
  for (std::size_t i = 0; i + 4 <= bytes; i += 4) {
    const auto value = static_cast<std::uint32_t>(i / 4 + 100);
    std::memcpy(payload.data() + i, &value, 4);
  }
  return payload;
}

}  // namespace

TEST_CASE("a status of every kernel's length is read as far as it goes", "[netlink]") {
  struct Row {
    std::size_t bytes;
    bool ok, wait_time, wait_time_actual;
  };
  const Row row = GENERATE(Row{0, false, false, false}, Row{31, false, false, false},
                           Row{32, true, false, false},  // Linux 2.6 to 3.13
                           Row{36, true, false, false}, Row{40, true, true, false},
                           Row{44, true, true, true}, Row{64, true, true, true});
  CAPTURE(row.bytes);
  const auto status = decode_status(words(row.bytes));
  REQUIRE(status.has_value() == row.ok);
  if (!row.ok) {
    CHECK(status.error().code == std::errc::bad_message);
    return;
  }
  CHECK(status->enabled == 101);
  CHECK(status->failure == 102);
  CHECK(status->pid == 103);
  CHECK(status->rate_limit == 104);
  CHECK(status->backlog_limit == 105);
  CHECK(status->lost == 106);
  CHECK(status->backlog == 107);
  CHECK(status->has_backlog_wait_time == row.wait_time);
  CHECK(status->backlog_wait_time == (row.wait_time ? 109 : 0));
  CHECK(status->has_backlog_wait_time_actual == row.wait_time_actual);
  CHECK(status->backlog_wait_time_actual == (row.wait_time_actual ? 110 : 0));
}

TEST_CASE("a setting is encoded as one bit and one word", "[netlink]") {
  struct Row {
    Setting setting;
    std::uint32_t mask;
    std::size_t word;
    std::string_view name;
  };
  const Row row =
      GENERATE(Row{Setting::enabled, 1, 1, "enabled"}, Row{Setting::failure, 2, 2, "failure"},
               Row{Setting::pid, 4, 3, "pid"}, Row{Setting::rate_limit, 8, 4, "rate_limit"},
               Row{Setting::backlog_limit, 16, 5, "backlog_limit"},
               Row{Setting::backlog_wait_time, 32, 9, "backlog_wait_time"},
               Row{Setting::lost, 64, 6, "lost"},
               Row{Setting::backlog_wait_time_actual, 128, 10, "backlog_wait_time_actual"});
  const StatusBytes bytes = encode_setting(row.setting, 77);
  std::array<std::uint32_t, 11> expected{};
  expected[0] = row.mask;
  expected[row.word] = 77;
  CHECK(std::memcmp(bytes.data(), expected.data(), sizeof expected) == 0);
  CHECK(setting_name(row.setting) == row.name);
}
