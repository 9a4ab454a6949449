#include "netlink/loss_counters.h"

#include "catch.h"

using namespace sorrel::netlink;

namespace {

KernelStatus lost(std::uint32_t count, std::uint32_t waited = 0) {
  KernelStatus status;
  status.lost = count;
  status.backlog_wait_time_actual = waited;
  return status;
}

}  // namespace

TEST_CASE("what was lost before the first poll is not ours", "[netlink]") {
  LossCounters counters;
  const auto first = counters.poll(lost(1000, 50), {.drops = 7});
  CHECK_FALSE(first.trouble());
  CHECK(counters.total().kernel_lost == 0);
}

TEST_CASE("growth is reported once, and summed", "[netlink]") {
  LossCounters counters;
  counters.poll(lost(1000, 50), {.drops = 7});
  const auto delta = counters.poll(lost(1010, 51), {.drops = 9});
  CHECK(delta.kernel_lost == 10);
  CHECK(delta.writers_waited == 1);
  CHECK(delta.socket_refusals == 2);
  CHECK(delta.trouble());
  CHECK_FALSE(counters.poll(lost(1010, 51), {.drops = 9}).trouble());
  counters.poll(lost(1015, 51), {.drops = 9});
  CHECK(counters.total().kernel_lost == 15);
  CHECK(counters.total().socket_refusals == 2);
}

TEST_CASE("counters that wrap and counters that were reset are told apart", "[netlink]") {
  struct Row {
    std::uint32_t before, now;
    std::uint64_t growth;
    bool reset;
  };
  const Row row =
      GENERATE(Row{0xfffffff0u, 0x10, 0x20, false}, Row{1000, 0, 0, true}, Row{1000, 30, 30, true},
               Row{0xf0000001u, 0xf0000000u, 0xf0000000u, true}, Row{5, 5, 0, false},
               Row{0xffffffffu, 0, 1, false});
  CAPTURE(row.before, row.now);
  LossCounters counters;
  counters.poll(lost(row.before), {});
  const auto delta = counters.poll(lost(row.now), {});
  CHECK(delta.kernel_lost == row.growth);
  CHECK(delta.lost_was_reset == row.reset);
}

TEST_CASE("the socket's counter wraps", "[netlink]") {
  LossCounters counters;
  counters.poll(lost(0), {.drops = 0xffffffffu});
  CHECK(counters.poll(lost(0), {.drops = 2}).socket_refusals == 3);
}
