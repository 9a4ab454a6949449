#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ruleset/rule.h"

// What rules would have made of an event that is known from its records: the kernel's filters, as
// far as records tell. Source: linux/kernel/auditsc.c, audit_filter_rules().
namespace sorrel::ruleset {

// A file that the event is about, of a PATH record.
struct PathFacts {
  std::string name = {};  // absolute, as far as it can be told
  std::optional<std::uint64_t> inode = {};
  std::optional<std::uint32_t> major = {};
  std::optional<std::uint32_t> minor = {};
  std::optional<std::uint32_t> mode = {};
  std::optional<std::uint32_t> owner = {};
  std::optional<std::uint32_t> group = {};
  std::string label = {};  // user:role:type:level
};

// What rules ask about. Nothing: the records do not tell.
struct EventFacts {
  bool is_uring = false;  // `call` is an operation of io_uring
  std::optional<std::uint32_t> arch;
  std::optional<std::uint32_t> call;
  std::array<std::optional<std::uint64_t>, 4> arguments;
  std::optional<std::int64_t> exit;
  std::optional<bool> success;
  std::map<std::uint32_t, std::uint32_t> numbers;  // by the field's number: pid, uid, sessionid ...
  std::optional<std::string> exe;
  std::optional<std::string> label;  // of the process
  std::optional<std::uint32_t> family;
  std::vector<PathFacts> paths;
  std::vector<std::uint32_t> types;  // of all records
};

enum class Truth : std::uint8_t { no, unknown, yes };

// Whether a rule of the lists exit and io_uring matches, its list included.
Truth matches(const Rule& rule, const EventFacts& event);

// What the first matching rule makes of the event.
struct Judgement {
  enum class Kind : std::uint8_t {
    caught,    // by `rule`
    silenced,  // by the never rule `rule`
    missed,    // no rule matches
    maybe,     // only rules that cannot be judged by the records: `unknown`
    no_rule,   // it comes without any rule: a message, a record of the kernel's own
  };
  Kind kind = Kind::missed;
  std::size_t rule = 0;                 // of caught and silenced
  std::vector<std::size_t> unknown;     // rules before it that might match as well
  std::vector<std::uint32_t> left_out;  // types of records that the list exclude removes
};

// `rules` in the kernel's order, as DesiredState has them.
Judgement judge(std::span<const Rule> rules, const EventFacts& event);

}  // namespace sorrel::ruleset
