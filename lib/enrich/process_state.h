#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "enrich/process_table.h"
#include "enrich/sessions.h"

namespace sorrel::enrich {

// Keeps the process table and the sessions over a restart of the daemon, within one boot: without
// it, a restart would turn event ids into start times and forget every parent that has ended.
//
// The file: a magic, a version, the boot id, texts, facts, sessions, entries, and a checksum of all
// that, little-endian. It is the daemon's own and readable by its owner only; still, every number
// in it is checked, since a damaged one must not take the daemon down.
class ProcessState {
 public:
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kMaxFileBytes = 64u << 20;

  // `table` and `sessions` must outlive this.
  ProcessState(ProcessTable& table, Sessions& sessions) : table_(table), sessions_(sessions) {}

  std::string to_bytes(std::string_view boot_id) const;
  // Fills a table and sessions that are empty. The entries are marked kUnconfirmed: what has
  // happened meanwhile is /proc's to say (add_from_proc, a sweep). More entries than the table has
  // room for push out the oldest, as ever.
  // Errors, which leave both as they were: errc::not_supported for a newer version,
  // errc::bad_message for damage, errc::invalid_argument for another boot.
  Status from_bytes(std::string_view bytes, std::string_view boot_id);

  // Writes beside `path`, mode 0600, syncs and renames: the file is the old one or the new one,
  // whole. Blocks on the disk.
  Status write(const std::string& path, std::string_view boot_id) const;
  // Errors: those of from_bytes(), with the path, and those of reading.
  // errc::no_such_file_or_directory: there is none.
  Status restore(const std::string& path, std::string_view boot_id);

 private:
  ProcessTable& table_;
  Sessions& sessions_;
};

// The bytes, and the checksum that from_bytes() wants to see behind them. For tests.
std::string with_state_checksum(std::string_view bytes);

}  // namespace sorrel::enrich
