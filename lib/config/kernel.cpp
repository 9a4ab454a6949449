#include "config/scalar.h"
#include "config/tables.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kHourMs = 3'600'000;

using Number = std::uint32_t;

Scalar enabled(Number& value) {
  return choice(value, Words<Number>{{"no", 0},
                                     {"yes", 1},
                                     {"locked", 2},
                                     {"0", 0},
                                     {"1", 1},
                                     {"2", 2},
                                     {"false", 0},
                                     {"true", 1},
                                     {"off", 0},
                                     {"on", 1}});
}

Scalar failure(Number& value) {
  return choice(
      value,
      Words<Number>{{"silent", 0}, {"printk", 1}, {"panic", 2}, {"0", 0}, {"1", 1}, {"2", 2}});
}

Scalar records(Number& value) {
  return number(value, 0, 10'000'000);
}

// linux/kernel/audit.c, audit_receive_msg(): at most ten times 60 seconds, in jiffies of at most
// 1000 a second; slower clocks refuse less, which the kernel then says itself.
Scalar wait_time(Number& value) {
  return number(value, 0, 600'000);
}

void check_kernel(const netlink::Options& o, const Node& map, Report& report) {
  if (o.take_over_when_free && !o.fall_back_to_multicast) {
    report.add_here(place_of(map, {"take_over_when_free"}),
                    "take_over_when_free: yes contradicts fall_back_to_multicast: no, which stops "
                    "while another daemon is registered");
  }
  if (o.heartbeat_ms != 0 && o.heartbeat_stall_ms > o.heartbeat_ms) {
    report.add_here(place_of(map, {"heartbeat_after_stall", "heartbeat"}),
                    "heartbeat_after_stall (" + kMilliseconds.print(o.heartbeat_stall_ms) +
                        ") must not be longer than heartbeat (" +
                        kMilliseconds.print(o.heartbeat_ms) + ")");
  }
}

}  // namespace

Value kernel_table(netlink::Options& o) {
  return section(
      {
          // The kernel cuts SO_RCVBUFFORCE at INT_MAX / 2.
          {"receive_buffer", bytes(o.receive_buffer_bytes, 64 * kKiB, 512 * kMiB)},
          {"enabled", or_leave(o.settings.enabled, enabled)},
          {"failure", or_leave(o.settings.failure, failure)},
          {"backlog_limit", or_leave(o.settings.backlog_limit, records)},
          {"backlog_wait_time", or_leave(o.settings.backlog_wait_time, wait_time)},
          {"rate_limit", or_leave(o.settings.rate_limit, records)},
          {"at_exit",
           choice(o.at_exit, Words<netlink::AtExit>{{"leave", netlink::AtExit::leave},
                                                    {"restore", netlink::AtExit::restore}})},
          {"fall_back_to_multicast", yes_no(o.fall_back_to_multicast)},
          {"take_over_when_free", yes_no(o.take_over_when_free)},
          {"status_poll", milliseconds(o.status_poll_ms, 100, kHourMs)},
          {"heartbeat", milliseconds(o.heartbeat_ms, 100, kHourMs, "off")},
          {"heartbeat_after_stall", milliseconds(o.heartbeat_stall_ms, 100, kHourMs)},
      },
      [&o](const Node& map, Report& report) { check_kernel(o, map, report); });
}

}  // namespace sorrel::config
