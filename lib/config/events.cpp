#include "config/scalar.h"
#include "config/tables.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

void check_events(const event::Options& o, const Node& map, Report& report) {
  if (o.user_linger_ms > o.timeout_ms) {
    report.add_here(place_of(map, {"user_linger", "timeout"}),
                    "user_linger (" + kMilliseconds.print(o.user_linger_ms) +
                        ") must not be longer than timeout (" + kMilliseconds.print(o.timeout_ms) +
                        ")");
  }
  if (o.max_event_bytes > o.max_bytes) {
    report.add_here(place_of(map, {"max_event_bytes", "max_bytes"}),
                    "max_event_bytes (" + kBytes.print(o.max_event_bytes) +
                        ") must not be larger than max_bytes (" + kBytes.print(o.max_bytes) + ")");
  }
}

}  // namespace

Value events_table(event::Options& o) {
  return section(
      {
          {"timeout", milliseconds(o.timeout_ms, 10, 600'000)},
          {"user_linger", milliseconds(o.user_linger_ms, 0, 10'000)},
          {"max_events", number(o.max_events, 1, 1'000'000)},
          {"max_bytes", bytes(o.max_bytes, 64 * kKiB, 1024 * kMiB)},
          {"max_event_bytes", bytes(o.max_event_bytes, 16 * kKiB, 1024 * kMiB)},
          {"max_event_records", number(o.max_event_records, 16, 1'000'000)},
      },
      [&o](const Node& map, Report& report) { check_events(o, map, report); });
}

}  // namespace sorrel::config
