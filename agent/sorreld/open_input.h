#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "config/options.h"
#include "event/assembler.h"
#include "input/source.h"
#include "sorreld/intake.h"
#include "sorreld/kernel_link.h"

namespace sorrel::agent {

// Whether the records come from a kernel, by either way.
constexpr bool is_kernel(input::Kind kind) noexcept {
  return kind == input::Kind::kernel || kind == input::Kind::multicast;
}

// An input, open, and what follows from its kind.
struct OpenInput {
  std::unique_ptr<KernelLink> kernel;  // null: the input is no kernel's
  std::unique_ptr<input::Source> source;
  IntakeOptions intake;
  event::TimeBase time_base = event::TimeBase::live;
  bool judge_holes = false;     // it has every serial
  bool keeps_state = false;     // it is this boot's kernel: its serials outlive a restart of ours
  bool is_of_this_host = true;  // so this host's ids name its events
  const char* mode = "";        // for statistics: "replay", "unix"; of a kernel's see its state
};

// What the kernel is to be set to when sorreld registers. A lock waits for the rules, which it
// would keep out: the RuleKeeper sets it.
netlink::Options kernel_options(const config::Options& options);

// Opens it; nothing is asked of the kernel yet. Errors: as the message says.
Result<OpenInput> open_input(const config::Options& options, const Clock& clock);

}  // namespace sorrel::agent
