#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sorrel::enrich {

// The table of processes, and how it learns from the host. None of it matters for files.
struct ProcessOptions {
  std::uint32_t max = 100'000;            // entries; the oldest that ended go first
  std::uint32_t keep_exited_s = 300;      // so long a process that has ended stays known
  std::uint32_t wait_ms = 5;              // an exec waits so long for /proc; 0: it does not wait
  std::uint32_t reads_per_second = 2000;  // of processes in /proc; what is above is left out
  std::uint32_t sweep_s = 10;             // so often the list of /proc says who has ended

  friend bool operator==(const ProcessOptions&, const ProcessOptions&) = default;
};

// SHA-256 of the programs that are executed; live only.
struct HashOptions {
  bool enabled = false;
  std::uint64_t size_limit_bytes = 10'000'000;  // larger files are not hashed
  std::uint32_t cache_entries = 1024;           // 0: every exec reads its file

  friend bool operator==(const HashOptions&, const HashOptions&) = default;
};

// One kind of secret in command lines and typed text; rules/secrets.yaml explains each key.
// Patterns are RE2's syntax over bytes; `.` matches every byte, line breaks too.
struct SecretRule {
  std::string name;
  std::vector<std::string> programs;         // only after one of these words of the command
  std::vector<std::string> unless_programs;  // never after one of these
  std::string after;    // the whole word before the one that is looked at; empty: any
  std::string pattern;  // its groups are the secrets; empty, behind `after`: the whole word
  std::string except;   // the whole of what is no secret after all
  std::string cut;      // as pattern, for a word whose end the kernel cut off
  std::vector<std::string> matches;      // command lines; {{SECRET}} is what must go
  std::vector<std::string> non_matches;  // command lines that the rule must leave alone
  std::string place;                     // "FILE:LINE:COLUMN", for messages

  friend bool operator==(const SecretRule&, const SecretRule&) = default;
};

struct SecretOptions {
  bool redact = false;
  std::vector<std::string> patterns = {"/usr/share/sorrel/rules/secrets.yaml"};

  friend bool operator==(const SecretOptions&, const SecretOptions&) = default;
};

// What is added to events. Everything is beside what the kernel says, never in its place.
struct Options {
  bool names = true;             // ARCH, SYSCALL: names for the kernel's numbers
  bool arguments = true;         // A0..A3, EXIT, MODE, CAP_FP ...: what the numbers of a call mean
  bool user_names = true;        // UID, AUID, OUID ...
  bool name_service = true;      // ask NSS for users whom the files do not have; live only
  bool groups = true;            // UID_GROUPS
  bool paths = true;             // PATH.NAME: the absolute form of a relative name
  bool script = true;            // SCRIPT of an exec
  bool pid = true;               // PID, PPID, OPID ...: which program a process was
  bool parent_details = true;    // comm, exe and ppid in PPID
  bool spawned_by = true;        // SPAWNED_BY
  bool session = true;           // SESSION: the login that an auid comes from
  std::uint32_t ancestors = 4;   // ANCESTORS, at most so many; 0: none
  bool container = true;         // in PID: container
  bool container_info = false;   // LAUREL's old CONTAINER_INFO at the top of the event
  bool container_names = false;  // image and name, from the runtime's files; live only
  bool systemd = true;           // in PID: systemd_service, unit, slice, user_unit
  std::vector<std::string> environment = {"LD_PRELOAD",
                                          "LD_LIBRARY_PATH"};  // EXECVE.ENV; live only
  HashOptions hash;
  ProcessOptions processes;
  SecretOptions secrets;

  // Nothing is added, and nothing redacted.
  static Options none() {
    Options o;
    o.names = o.arguments = o.user_names = o.name_service = o.groups = o.paths = o.script = false;
    o.pid = o.parent_details = o.spawned_by = o.session = false;
    o.container = o.container_info = o.container_names = o.systemd = false;
    o.ancestors = 0;
    o.environment.clear();
    o.hash.enabled = false;
    return o;
  }
  bool is_none() const noexcept {
    return !(names || arguments || user_names || groups || paths || script || knows_processes() ||
             !environment.empty() || hash.enabled || secrets.redact);
  }
  // Whether anything of what /proc says is wanted.
  bool asks_for_processes() const noexcept {
    return knows_processes() || !environment.empty() || hash.enabled;
  }
  // Whether the table of processes is needed.
  bool knows_processes() const noexcept {
    return pid || spawned_by || session || ancestors != 0 || container || container_info || systemd;
  }

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::enrich
