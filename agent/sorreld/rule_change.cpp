#include "sorreld/rule_change.h"

#include <charconv>
#include <string_view>

#include "sorreld/lifecycle.h"

namespace sorrel::agent {
namespace {

constexpr std::size_t kMaxText = 256;

std::string_view value_of(const event::Event& event, const event::Record& record,
                          std::string_view key) {
  for (const record::Field& field : event.fields(record)) {
    if (field.key() == key) return field.value();
  }
  return {};
}

void read_process(const event::Event& event, const event::Record& call, RuleChange& change) {
  const std::string_view pid = value_of(event, call, "pid");
  std::from_chars(pid.data(), pid.data() + pid.size(), change.pid);
  change.has_process = true;
  change.auid = value_of(event, call, "auid");
  change.uid = value_of(event, call, "uid");
  change.comm = value_of(event, call, "comm").substr(0, kMaxText);
  change.exe = value_of(event, call, "exe").substr(0, kMaxText);
}

}  // namespace

std::string RuleChange::who() const {
  if (!has_process) return "pid=0 auid=" + auid;
  return "pid=" + std::to_string(pid) + " auid=" + auid + " uid=" + uid + " comm=" + quoted(comm) +
         " exe=" + quoted(exe);
}

std::optional<RuleChange> rule_change(const event::Event& event) {
  // The kernel writes it at once, the record of the call when the call ends.
  const event::Record& first = event.records().front();
  if (first.type != record::type::kConfigChange) return std::nullopt;
  RuleChange change;
  change.op = value_of(event, first, "op");
  // op=set is of a setting, as audit_backlog_limit=64 old=65536.
  if (change.op != "set" && change.op.find("rule") == std::string::npos) return std::nullopt;
  change.key = value_of(event, first, "key").substr(0, kMaxText);
  if (const std::string_view auid = value_of(event, first, "auid"); !auid.empty()) {
    change.auid = auid;
  }
  for (const event::Record& record : event.records()) {
    if (record.type == record::type::kSyscall) read_process(event, record, change);
  }
  return change;
}

}  // namespace sorrel::agent
