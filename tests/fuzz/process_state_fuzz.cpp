// A process state as it may be on a disk: read it, and then use the table that it made. The
// checksum is put right first, so that what lies behind it is reached too; the bytes are tried as
// they are, besides.

#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/siphash.h"
#include "enrich/process_state.h"

namespace {

using namespace sorrel;

constexpr std::string_view kBoot = "b";

void use(enrich::ProcessTable& table) {
  std::array<const enrich::Process*, 64> rows{};
  std::uint32_t cursor = 0;
  std::size_t count = rows.size();
  std::uint32_t entries = 0;
  while (count == rows.size()) {
    count = table.next_rows(cursor, rows);
    entries += static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
      SORREL_CHECK(rows[i]->id.size <= enrich::PackedId::kMaxText, "an id that is too long");
      const enrich::Process* ancestor = rows[i];
      for (int depth = 0; ancestor != nullptr && depth < 8; ++depth)
        ancestor = table.spawned_by(*ancestor);
    }
  }
  SORREL_CHECK(entries == table.size(), "an entry that is in no row");
  for (std::uint32_t pid = 1; pid < 64; ++pid) {
    const enrich::Sighting sighting{
        .pid = pid, .ppid = pid / 2, .exe = "/bin/x", .id = "1700000000.000:1", .time_ms = pid};
    if (pid % 2 == 0) table.exec(sighting);
    if (pid % 3 == 0) table.see(sighting);
    table.fork(pid / 2, pid, "1700000000.000:2", pid, pid % 5 == 0);
    table.end(pid / 3, pid);
  }
  table.link_parents();
  table.begin_sweep();
  table.end_sweep(~std::uint64_t{0}, ~std::uint32_t{0});
  for (int i = 0; i < 4; ++i) table.expire(~std::uint64_t{0} >> 1, 1000);
}

void read(std::string_view bytes) {
  enrich::ProcessTable table({.max_processes = 100, .strings = {.max_strings = 50}});
  enrich::Sessions sessions(8);
  enrich::ProcessState state(table, sessions);
  if (!state.from_bytes(bytes, kBoot)) {
    SORREL_CHECK(table.size() == 0 && sessions.size() == 0, "a refused state left something");
    return;
  }
  enrich::ProcessTable again;
  enrich::Sessions same(8);
  SORREL_CHECK(enrich::ProcessState(again, same).from_bytes(state.to_bytes(kBoot), kBoot),
               "a state that was accepted is refused when it is written again");
  use(table);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In a block of its own: no byte behind it may be read.
  const auto copy = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string_view bytes(copy.get(), size);
  read(bytes);
  read(enrich::with_state_checksum(bytes.substr(0, size < 16 ? size : size - 16)));
  return 0;
}
