#pragma once

#include <string>
#include <string_view>

#include "enrich/process_table.h"

namespace sorrel::enrich {

// A process table that is told things in a few words. Times are milliseconds after a fixed second;
// the serial of an event is its number.
class ToldTable {
 public:
  static constexpr std::uint64_t kBaseMs = 1'700'000'000'000;

  explicit ToldTable(const ProcessTableOptions& options = {}) : table(options) {}

  struct Told {
    std::uint32_t pid = 0;
    std::uint32_t ppid = 0;
    std::string_view exe = "/bin/sh";
    std::uint32_t session = Process::kUnset;
    std::uint32_t auid = Process::kUnset;
  };

  static std::string id_at(std::uint64_t ms, std::uint64_t serial) {
    const std::string millis = std::to_string(1000 + (kBaseMs + ms) % 1000).substr(1);
    return std::to_string((kBaseMs + ms) / 1000) + "." + millis + ":" + std::to_string(serial);
  }

  const Process& see(std::uint64_t ms, const Told& told) { return tell(ms, told, false); }
  const Process& exec(std::uint64_t ms, const Told& told) { return tell(ms, told, true); }
  const Process* fork(std::uint64_t ms, std::uint32_t parent, std::uint32_t child,
                      bool is_global = true) {
    last_id = id_at(ms, ++serial);
    return table.fork(parent, child, last_id, kBaseMs + ms, is_global);
  }
  void end(std::uint64_t ms, std::uint32_t pid) { table.end(pid, kBaseMs + ms); }
  // `start` is in milliseconds as the others; the ticks are a hundredth of a second.
  const Process& proc(std::uint64_t start, const Told& told) {
    return *table.add_from_proc({.pid = told.pid,
                                 .ppid = told.ppid,
                                 .start_ticks = start / 10,
                                 .start_ms = kBaseMs + start,
                                 .session = told.session,
                                 .auid = told.auid,
                                 .comm = name_of(told.exe),
                                 .exe = told.exe});
  }

  std::string id(const Process* process) const {
    char room[PackedId::kTextRoom];
    return process == nullptr ? "none" : std::string(unpack_id(process->id, room));
  }
  std::string exe(const Process* process) const {
    return process == nullptr ? "none" : std::string(table.text(process->exe));
  }
  // "/usr/bin/id /bin/sh /sbin/init": the process and its ancestors.
  std::string lineage(std::uint32_t pid) const {
    std::string text;
    const Process* process = table.find(pid);
    for (int depth = 0; process != nullptr && depth < 8; ++depth) {
      if (!text.empty()) text += ' ';
      text += exe(process);
      process = table.parent(*process);
    }
    return text;
  }
  std::string spawned_by(std::uint32_t pid) const {
    return exe(table.spawned_by(*table.find(pid)));
  }

  ProcessTable table;
  std::uint64_t serial = 0;
  std::string last_id;

 private:
  static std::string_view name_of(std::string_view exe) { return exe.substr(exe.rfind('/') + 1); }
  const Process& tell(std::uint64_t ms, const Told& told, bool is_exec) {
    last_id = id_at(ms, ++serial);
    const Sighting sighting{.pid = told.pid,
                            .ppid = told.ppid,
                            .session = told.session,
                            .auid = told.auid,
                            .has_login = true,
                            .comm = name_of(told.exe),
                            .exe = told.exe,
                            .id = last_id,
                            .time_ms = kBaseMs + ms};
    return *(is_exec ? table.exec(sighting) : table.see(sighting));
  }
};

}  // namespace sorrel::enrich
