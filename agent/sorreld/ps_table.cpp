#include "sorreld/ps_table.h"

#include <array>
#include <charconv>

namespace sorrel::agent {
namespace {

using enrich::Process;

// The parts of "SEC.MMM:SERIAL"; without a serial it is a start time.
std::optional<EventId> event_id_of(const enrich::PackedId& packed) {
  std::array<char, enrich::PackedId::kTextRoom> room{};
  const std::string_view text = enrich::unpack_id(packed, room.data());
  const char* const end = text.data() + text.size();
  EventId id;
  const auto seconds = std::from_chars(text.data(), end, id.seconds);
  if (seconds.ec != std::errc{} || seconds.ptr == end || *seconds.ptr != '.') return std::nullopt;
  const auto ms = std::from_chars(seconds.ptr + 1, end, id.milliseconds);
  if (ms.ec != std::errc{} || ms.ptr == end || *ms.ptr != ':') return std::nullopt;
  const auto serial = std::from_chars(ms.ptr + 1, end, id.serial);
  return serial.ec == std::errc{} && serial.ptr == end ? std::optional(id) : std::nullopt;
}

}  // namespace

bool PsTable::read(const PsQuery& query, std::uint64_t& cursor, std::size_t max,
                   std::vector<PsRow>& rows) {
  slice_.resize(max);
  auto slot = static_cast<std::uint32_t>(cursor);
  const std::size_t count = knowledge_.table.next_rows(slot, slice_);
  cursor = slot;
  for (std::size_t i = 0; i < count; ++i) {
    const Process& process = *slice_[i];
    // A program that the process ran before is no row of its own.
    if ((process.flags & Process::kReplaced) != 0) continue;
    if (query.wants(process.pid, !process.is_current())) rows.push_back(row_of(process));
  }
  return count == max;
}

PsIdentity PsTable::identity_of(const Process& process) const {
  PsIdentity identity;
  identity.pid = process.pid;
  if ((process.flags & Process::kFromProc) != 0) {
    identity.start_ms = enrich::time_ms_of(process.id);
  } else {
    identity.event_id = event_id_of(process.id);
  }
  return identity;
}

PsRow PsTable::row_of(const Process& process) const {
  const enrich::ProcessTable& table = knowledge_.table;
  PsRow row;
  row.self = identity_of(process);
  row.ppid = process.ppid;
  row.comm = table.text(process.comm);
  row.exe = table.text(process.exe);
  if (process.auid != Process::kUnset) row.auid = process.auid;
  if (row.auid && users_) row.user = users_->user_name(*row.auid).value_or(std::string_view{});
  if (process.session != Process::kUnset) {
    row.ses = process.session;
    const enrich::Session* const session = knowledge_.sessions.find(process.session);
    if (session != nullptr) row.session_event = event_id_of(session->opened_by);
  }
  const enrich::ProcessFacts& facts = table.facts(process);
  row.unit = facts.user_unit.empty() ? facts.unit : facts.user_unit;
  row.container = facts.container_id;
  if (!process.is_current()) row.exited_ms = process.seen_ms();
  const Process* const parent = table.parent(process);
  if (parent != nullptr) row.parent = identity_of(*parent);
  return row;
}

}  // namespace sorrel::agent
