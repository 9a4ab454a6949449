#include "enrich/interpret.h"

#include <string>

#include "catch.h"
#include "interpreted.h"

namespace sorrel::enrich {
namespace {

constexpr record::RecordType kIpc = 1303;
constexpr record::RecordType kMqOpen = 1312;
constexpr record::RecordType kFcaps = 1321;
constexpr record::RecordType kCapset = 1322;
constexpr record::RecordType kMmap = 1323;
constexpr record::RecordType kPacket = 1324;
constexpr record::RecordType kNetfilterConfig = 1325;
constexpr record::RecordType kSeccomp = 1326;
constexpr record::RecordType kFanotify = 1331;
constexpr record::RecordType kListener = 1335;
constexpr record::RecordType kOpenat2 = 1337;
constexpr record::RecordType kPromiscuous = 1700;
constexpr record::RecordType kAbend = 1701;
constexpr record::RecordType kIntegrity = 1800;
constexpr record::RecordType kCryptoKey = 2404;

struct Row {
  record::RecordType type;
  std::string_view key;
  std::string_view value;
  std::string_view meaning;
};

}  // namespace

// Where ausearch 3.0.9 interprets the field, too, it gave the same for each of these rows, but for
// those that a comment names.
TEST_CASE("a field's number is named", "[interpret]") {
  const Row row = GENERATE(values<Row>({
      {record::type::kSyscall, "exit", "-13", "EACCES"},
      {record::type::kSyscall, "exit", "-2", "ENOENT"},
      {record::type::kSyscall, "exit", "-115", "EINPROGRESS"},
      {record::type::kUringop, "exit", "-9", "EBADF"},
      {record::type::kSyscall, "per", "0", "PER_LINUX"},
      {record::type::kSyscall, "per", "8", "PER_LINUX32"},
      {record::type::kSyscall, "ses", "4294967295", "unset"},
      // ausearch: PER_LINUX|~ADDR_NO_RANDOMIZE, as if the flag were not set
      {record::type::kSyscall, "per", "40000", "PER_LINUX|ADDR_NO_RANDOMIZE"},
      {record::type::kPath, "mode", "0100644", "file,644"},
      {record::type::kPath, "mode", "040755", "dir,755"},
      {record::type::kPath, "cap_fi", "2000", "net_raw"},
      {kIpc, "mode", "0600", "000,600"},
      {kMqOpen, "mode", "0600", "0600"},
      {kMqOpen, "oflag", "0x42", "O_RDWR|O_CREAT"},
      // ausearch reads this as hex; the kernel writes OPENAT2 in octal (audit_log_format "0%llo")
      {kOpenat2, "oflag", "02000100", "O_RDONLY|O_CREAT|O_CLOEXEC"},
      {kOpenat2, "mode", "0100600", "file,600"},
      {kOpenat2, "resolve", "0xa", "RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH"},
      {kFcaps, "fp", "2000", "net_raw"},
      {kFcaps, "pe", "1", "chown"},
      {kCapset, "cap_pi", "0000000000000005", "chown,dac_read_search"},
      {kMmap, "flags", "0x2", "MAP_PRIVATE"},
      {kMmap, "flags", "0x32", "MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS"},
      {kNetfilterConfig, "family", "2", "ipv4"},
      {kNetfilterConfig, "family", "0", "unspecified"},
      {kPacket, "proto", "17", "udp"},
      {kPacket, "proto", "58", "ipv6-icmp"},
      {kPacket, "icmptype", "8", "echo"},
      {kPacket, "hook", "1", "INPUT"},
      {kPacket, "action", "1", "DROP"},
      {kPacket, "macproto", "0800", "IP"},
      {kSeccomp, "sig", "31", "SIGSYS"},
      {kSeccomp, "code", "0x7ffc0000", "log"},
      {kSeccomp, "code", "0x5000d", "errno"},
      {kSeccomp, "code", "0x0", "kill"},
      // ausearch: kill, which is SECCOMP_RET_KILL_THREAD
      {kSeccomp, "code", "0x80000000", "kill-process"},
      {kFanotify, "resp", "1", "allow"},
      {kFanotify, "resp", "2", "deny"},
      {kFanotify, "fan_type", "1", "rule_info"},
      {kFanotify, "subj_trust", "2", "unknown"},
      {kListener, "nl-mcgrp", "1", "audit-netlink-multicast"},
      {kPromiscuous, "prom", "256", "yes"},
      {kPromiscuous, "old_prom", "0", "no"},
      {kAbend, "sig", "11", "SIGSEGV"},
      {record::type::kConfigChange, "list", "4", "exit"},
      {record::type::kConfigChange, "res", "1", "yes"},
      {record::type::kConfigChange, "res", "0", "no"},
      {record::type::kConfigChange, "list", "7", "io_uring"},
      // ausearch 3.0.9 names all four, whatever the letters
      {record::type::kConfigChange, "perm", "wa", "write,attr"},
      {record::type::kAvc, "capability", "21", "sys_admin"},
      {record::type::kAvc, "ioctlcmd", "0x5401", "TCGETS"},
      {record::type::kAvc, "error", "-13", "EACCES"},
      {kIntegrity, "errno", "13", "EACCES"},
      {record::type::kUringop, "uring_op", "18", "openat"},
      {record::type::kUringop, "uring_op", "28", "openat2"},
  }));
  INFO(row.key << '=' << row.value);
  const std::string body = std::string(row.key) + '=' + std::string(row.value);
  CHECK(test::interpreted(row.type, body, row.key) == row.meaning);
}

TEST_CASE("what has no name, or is no number, gets none", "[interpret]") {
  const Row row = GENERATE(values<Row>({
      {record::type::kSyscall, "exit", "0", ""},
      {record::type::kSyscall, "exit", "13", ""},
      {record::type::kSyscall, "exit", "-", ""},
      {record::type::kSyscall, "exit", "-0", ""},
      {record::type::kSyscall, "exit", "-4095", ""},
      {record::type::kSyscall, "exit", "-99999999999999999999", ""},
      {record::type::kSyscall, "exit", "?", ""},
      {record::type::kSyscall, "exit", "-1x", ""},
      {record::type::kSyscall, "exit", "--1", ""},
      {record::type::kSyscall, "a0", "1", ""},
      {record::type::kSyscall, "per", "100000008", ""},
      {record::type::kSyscall, "per", "ff", ""},
      {record::type::kSyscall, "ses", "1", ""},
      {record::type::kSyscall, "comm", "\"13\"", ""},
      {record::type::kPath, "mode", "", ""},
      {record::type::kPath, "mode", "9", ""},
      {record::type::kPath, "mode", "0200000", ""},
      {record::type::kPath, "mode", "7777777777777777777777", ""},
      // ausearch: none; of nearly every file, so we leave it at the number
      {record::type::kPath, "cap_fp", "0", ""},
      {record::type::kPath, "cap_fp", "0000000000000000", ""},
      {kFcaps, "old_pp", "0", ""},
      {record::type::kConfigChange, "res", "2", ""},
      {record::type::kConfigChange, "res", "success", ""},
      {record::type::kPath, "cap_fp", "?", ""},  // ausearch: none, though the kernel did not know
      {record::type::kPath, "cap_fp", "12345678901234567", ""},
      {record::type::kPath, "cap_fp", "0x", ""},
      {record::type::kPath, "cap_fe", "0", ""},
      {record::type::kPath, "inode", "13", ""},
      {record::type::kExecve, "a0", "1", ""},
      {kMmap, "flags", "ro", ""},
      {record::type::kAvc, "flags", "2", ""},
      {record::type::kAvc, "family", "inet", ""},
      {record::type::kAvc, "error", "13", ""},
      {record::type::kAvc, "capability", "63", ""},
      {record::type::kAvc, "capability", "4294967296", ""},
      {record::type::kAvc, "ioctlcmd", "0x1ffffffff", ""},
      {kNetfilterConfig, "family", "99", ""},
      {kNetfilterConfig, "action", "1", ""},
      {kPacket, "proto", "-1", ""},
      {kOpenat2, "oflag", "0800", ""},
      {kOpenat2, "oflag", "0x1ffffffff", ""},
      {kOpenat2, "resolve", "0x0", ""},
      {kSeccomp, "sig", "99", ""},
      {kSeccomp, "code", "0x12340000", ""},
      {kSeccomp, "code", "0xffffffffffffffffff", ""},
      {kListener, "nl-mcgrp", "2", ""},
      {kPromiscuous, "prom", "yes", ""},
      {record::type::kConfigChange, "perm", "rwxar", ""},
      {record::type::kConfigChange, "perm", "rq", ""},
      {record::type::kConfigChange, "list", "2", ""},
      {record::type::kUringop, "uring_op", "200", ""},
      {kCryptoKey, "fp", "0", ""},
  }));
  INFO(row.key << '=' << row.value);
  const std::string body = std::string(row.key) + '=' + std::string(row.value);
  CHECK(test::interpreted(row.type, body, row.key).empty());
}

TEST_CASE("an interpretation of every flag at once fits into its room", "[interpret]") {
  const std::string all = test::interpreted(kCapset, "cap_pp=ffffffffffffffff", "cap_pp");
  CHECK(all.starts_with("chown,"));
  CHECK(all.ends_with("checkpoint_restore,0xfffffe0000000000"));
  CHECK(all.size() < kInterpretationSize);
}

TEST_CASE("a key is known to have a meaning before its value is looked at", "[interpret]") {
  CHECK(may_interpret(record::key::kExit));
  CHECK(may_interpret(record::key::kA0));
  CHECK_FALSE(may_interpret(record::key::kUid));
  CHECK_FALSE(may_interpret(record::key::kComm));
  CHECK_FALSE(may_interpret(record::kUnknownKey));
}

}  // namespace sorrel::enrich
