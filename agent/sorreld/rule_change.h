#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "event/event.h"

namespace sorrel::agent {

// Somebody changed the kernel's rules or settings: what a CONFIG_CHANGE event tells of it.
struct RuleChange {
  std::string op;   // "add_rule", "remove_rule", "set" ...
  std::string key;  // of the rule, as the record has it
  // Without a SYSCALL record nobody is named: the kernel removed a rule by itself (its folder is
  // gone), it was us (a registered daemon's own calls are not audited), or a process that was born
  // before audit was first enabled.
  bool has_process = false;
  std::uint32_t pid = 0;
  std::string auid = "4294967295";
  std::string uid = "?";
  std::string comm;
  std::string exe;

  // "pid=4711 auid=1000 uid=0 comm=... exe=...", the values as the record has them.
  std::string who() const;
};

// None: the event is about something else. Cheap for every other event.
std::optional<RuleChange> rule_change(const event::Event& event);

}  // namespace sorrel::agent
