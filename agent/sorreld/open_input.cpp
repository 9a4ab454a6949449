#include "sorreld/open_input.h"

#include <utility>

#include "input/kernel_source.h"
#include "input/open_source.h"
#include "input/replay_source.h"
#include "input/rotation_order.h"
#include "input/unix_source.h"

namespace sorrel::agent {
namespace {

// The part of the receive buffer that may be in use while we leave records in it.
bool is_filling_up(const netlink::EventSocket& events) {
  const auto memory = events.memory();
  return !memory || memory->used_bytes >= memory->limit_bytes / 4 * 3;
}

Result<OpenInput> open_kernel(const config::Options& options, const Clock& clock) {
  const bool read_only = options.input.kind == input::Kind::multicast;
  auto session = KernelLink::open(kernel_options(options), read_only, clock);
  if (!session) return Unexpected<Error>(std::move(session).error());
  OpenInput opened;
  opened.kernel = *std::move(session);
  netlink::EventSocket& events = opened.kernel->events();
  opened.source = std::make_unique<input::KernelSource>(events, clock, &opened.kernel->watch());
  opened.intake.must_drop = [&events] { return is_filling_up(events); };
  const auto memory = events.memory();
  opened.intake.queue_bytes = memory ? memory->limit_bytes : 0;
  opened.judge_holes = opened.keeps_state = true;
  opened.mode = "kernel";
  return opened;
}

// A recording has all that its kernel sent; of a text log nobody knows.
Result<bool> has_every_serial(const input::Options& options) {
  const auto paths = input::rotation_order(options.paths);
  if (!paths) return Unexpected<Error>(paths.error());
  for (const std::string& path : *paths) {
    if (path == "-") return false;  // it can be read once only
    const auto source = input::open_source(path);
    if (!source) return Unexpected<Error>(source.error());
    if (!(*source)->has_every_serial()) return false;
  }
  return true;
}

Result<OpenInput> open_replay(const config::Options& options, const Clock& clock) {
  const auto complete = has_every_serial(options.input);
  if (!complete) return Unexpected<Error>(complete.error());
  auto source = input::open_replay(options.input, clock);
  if (!source) return Unexpected<Error>(std::move(source).error());
  OpenInput opened;
  opened.source = *std::move(source);
  opened.intake.error_ends = false;
  opened.time_base = event::TimeBase::stored;
  opened.judge_holes = *complete;
  opened.is_of_this_host = false;
  opened.mode = "replay";
  return opened;
}

Result<OpenInput> open_unix(const config::Options& options, const Clock& clock) {
  auto source = input::UnixSource::open(options.input.paths.at(0), clock,
                                        {.max_line_bytes = options.input.max_line_bytes});
  if (!source) return Unexpected<Error>(std::move(source).error());
  OpenInput opened;
  opened.source = *std::move(source);
  opened.mode = "unix";
  return opened;
}

}  // namespace

netlink::Options kernel_options(const config::Options& options) {
  constexpr std::uint32_t kOn = 1;
  constexpr std::uint32_t kLocked = 2;
  netlink::Options made = options.netlink;
  if (made.settings.enabled == kLocked && !options.rules.paths.empty()) made.settings.enabled = kOn;
  return made;
}

Result<OpenInput> open_input(const config::Options& options, const Clock& clock) {
  switch (options.input.kind) {
    case input::Kind::kernel:
    case input::Kind::multicast:
      return open_kernel(options, clock);
    case input::Kind::replay:
      return open_replay(options, clock);
    case input::Kind::unix_socket:
      return open_unix(options, clock);
  }
  return fail(std::errc::invalid_argument, "an input of a kind that this program does not know");
}

}  // namespace sorrel::agent
