#include "record/field_class.h"

#include <set>
#include <string>

#include "catch.h"

namespace sorrel::record {
namespace {

FieldClass look_up(RecordType type, std::string_view key) {
  return class_of(type, find_key(key), key);
}

struct Row {
  RecordType type;
  std::string_view key;
  FieldClass expected;
};

}  // namespace

TEST_CASE("every known key is found, by its constant and by its text", "[field_class]") {
  for (KeyId id = 1; id <= kKeyCount; ++id) {
    const std::string_view name = key_info(id).name;
    INFO(name);
    CHECK(find_key(name) == id);
    // Neither a longer nor a shorter name may be taken for it.
    CHECK(find_key(std::string(name) + "~") == kUnknownKey);
  }
  CHECK(find_key("arch") == key::kArch);
  CHECK(find_key("syscall") == key::kSyscall);
  CHECK(find_key("old-auid") == key::kOldAuid);
  CHECK(find_key("vm-pid") == key::kVmPid);
  CHECK(key_info(key::kAuid).role == KeyRole::user);
  CHECK(key_info(key::kPpid).role == KeyRole::process);
  CHECK(key_info(key::kFsgid).role == KeyRole::group);
}

TEST_CASE("unknown keys and ids are harmless", "[field_class]") {
  for (const std::string_view key : {"", "A", "aa", "Uid", "ui", "frobnicate", "a4",
                                     "a_key_of_more_than_sixteen_bytes", "\xff\x80"}) {
    INFO(key);
    CHECK(find_key(key) == kUnknownKey);
  }
  CHECK(key_info(kUnknownKey).name.empty());
  CHECK(key_info(kKeyCount + 1).name.empty());
  CHECK(key_info(0xffff).cls == FieldClass::unclassified);
  std::string name;
  for (int length = 0; length < 300; ++length) {
    CHECK(find_key(name) == kUnknownKey);
    name.push_back('x');
  }
}

TEST_CASE("the class of a field depends on its key and record", "[field_class]") {
  using enum FieldClass;
  constexpr RecordType kPromiscuous = 1700;
  const Row row = GENERATE(values<Row>({
      {type::kSyscall, "arch", hex_number},
      {type::kSyscall, "syscall", decimal},
      {type::kSyscall, "success", text},
      {type::kSyscall, "exit", decimal},
      {type::kSyscall, "a0", hex_number},
      {type::kSyscall, "a3", hex_number},
      {type::kSyscall, "tty", text},
      {type::kSyscall, "comm", escaped},
      {type::kSyscall, "exe", escaped},
      {type::kSyscall, "key", escaped},
      {type::kSyscall, "subj", text},
      {type::kSyscall, "SYSCALL", text},
      {type::kSyscall, "ARCH", text},
      {type::kSyscall, "AUID", escaped},
      {1304, "a0", text},
      {type::kExecve, "argc", decimal},
      {type::kExecve, "a0", argument},
      {type::kExecve, "a3", argument},
      {type::kExecve, "a71", argument},
      {type::kExecve, "a71[0]", argument},
      {type::kExecve, "a71_len", argument_length},
      {type::kExecve, "a71_ln", unclassified},
      {type::kExecve, "auid", decimal},
      {type::kPath, "mode", octal},
      {type::kPath, "dev", text},
      {type::kPath, "name", escaped},
      {type::kPath, "inode", decimal},
      {type::kPath, "cap_fp", hex_number},
      {type::kPath, "cap_fe", decimal},
      {type::kPath, "cap_frootid", text},
      {type::kPath, "OUID", escaped},
      {type::kAvc, "dev", escaped},
      {1423, "dev", escaped},
      {1800, "dev", escaped},
      {kPromiscuous, "dev", text},
      {type::kAvc, "saddr", text},
      {1324, "saddr", text},
      {type::kSockaddr, "saddr", sockaddr},
      {type::kSockaddr, "SADDR", text},
      {type::kProctitle, "proctitle", proctitle},
      {1420, "proctitle", escaped},
      {type::kTty, "data", tty_data},
      {1124, "data", escaped},
      {1321, "fp", hex_number},
      {2404, "fp", text},
      {1323, "flags", hex_number},
      {1317, "fd0", text},
      {1331, "resp", text},
      {type::kConfigChange, "old", text},
      {type::kConfigChange, "audit_enabled", decimal},
      {1112, "msg", message},
      {1112, "new_uid", decimal},
      {1112, "xgid", decimal},
      {1112, "xpid", unclassified},
      {1112, "what", unclassified},
      {1112, "", unclassified},
      {1112, "uid", decimal},
  }));
  INFO(row.type << " " << row.key);
  CHECK(look_up(row.type, row.key) == row.expected);
}

// Observed: each key was given to LAUREL 0.8.2 in a KERNEL_OTHER record with the value 123.
TEST_CASE("the keys that LAUREL shows as numbers are numbers here, and no others",
          "[field_class]") {
  constexpr RecordType kKernelOther = 1316;
  const std::set<std::string_view> decimals = {"argc",
                                               "audit_backlog_limit",
                                               "audit_backlog_wait_time",
                                               "audit_enabled",
                                               "audit_failure",
                                               "auid",
                                               "cap_fe",
                                               "capability",
                                               "changed",
                                               "compat",
                                               "dport",
                                               "egid",
                                               "enforcing",
                                               "entries",
                                               "errno",
                                               "euid",
                                               "exit",
                                               "family",
                                               "fd",
                                               "fe",
                                               "fsgid",
                                               "fsuid",
                                               "gid",
                                               "igid",
                                               "ino",
                                               "inode",
                                               "inode_gid",
                                               "inode_uid",
                                               "ipid",
                                               "item",
                                               "items",
                                               "iuid",
                                               "len",
                                               "list",
                                               "loginuid",
                                               "lport",
                                               "major",
                                               "minor",
                                               "nargs",
                                               "new-enabled",
                                               "new-log_passwd",
                                               "new_gid",
                                               "new_lock",
                                               "nlnk-pid",
                                               "oauid",
                                               "obj_gid",
                                               "obj_uid",
                                               "ogid",
                                               "old-auid",
                                               "old-enabled",
                                               "old-log_passwd",
                                               "old-ses",
                                               "old_enforcing",
                                               "old_lock",
                                               "old_prom",
                                               "old_val",
                                               "opid",
                                               "oses",
                                               "ouid",
                                               "permissive",
                                               "pid",
                                               "ppid",
                                               "prog-id",
                                               "prom",
                                               "proto",
                                               "res",
                                               "rport",
                                               "sauid",
                                               "seqno",
                                               "ses",
                                               "sgid",
                                               "sig",
                                               "sigev_signo",
                                               "spid",
                                               "sport",
                                               "suid",
                                               "syscall",
                                               "tgid",
                                               "uid",
                                               "uring_op",
                                               "uuid",
                                               "val",
                                               "vm-pid"};
  const std::set<std::string_view> hex_numbers = {
      "arch",   "cap_fi", "cap_fp", "cap_fver", "cap_pa", "cap_pe",   "cap_pi", "cap_pp",
      "code",   "fi",     "flags",  "fp",       "fver",   "ioctlcmd", "old_pa", "old_pe",
      "old_pi", "old_pp", "pa",     "pe",       "per",    "pi",       "pp",     "qbytes"};
  for (const std::string_view key : decimals) {
    INFO(key);
    CHECK(look_up(kKernelOther, key) == FieldClass::decimal);
  }
  for (KeyId id = 1; id <= kKeyCount; ++id) {
    const std::string_view name = key_info(id).name;
    INFO(name);
    const FieldClass cls = class_of(kKernelOther, id, name);
    CHECK((cls == FieldClass::decimal) == decimals.contains(name));
    CHECK((cls == FieldClass::hex_number) == hex_numbers.contains(name));
    CHECK((cls == FieldClass::octal) == (name == "mode"));
  }
}

TEST_CASE("inside a user message no value is a number", "[field_class]") {
  for (KeyId id = 0; id <= kKeyCount; ++id) {
    const FieldClass cls = class_in_message(id);
    INFO(key_info(id).name);
    CHECK(
        (cls == FieldClass::text || cls == FieldClass::escaped || cls == FieldClass::unclassified));
  }
  CHECK(class_in_message(key::kUid) == FieldClass::text);
  CHECK(class_in_message(key::kAcct) == FieldClass::escaped);
  CHECK(class_in_message(kUnknownKey) == FieldClass::unclassified);
}

TEST_CASE("bare hex is an even number of hex digits", "[field_class]") {
  CHECK(is_hex_encoded("00"));
  CHECK(is_hex_encoded("612062"));
  CHECK(is_hex_encoded("00ff"));
  CHECK(is_hex_encoded("C3A9"));
  for (const std::string_view bare : {"", "0", "123", "0x12", "zz", "12 4", "-12", "(null)", "?"}) {
    INFO(bare);
    CHECK_FALSE(is_hex_encoded(bare));
  }
}

TEST_CASE("a value of an unknown key is hex only when nothing else is meant", "[field_class]") {
  CHECK(looks_hex_encoded("2F746D702F6120"));
  CHECK(looks_hex_encoded("C3A9"));
  CHECK(looks_hex_encoded("6A0A"));
  for (const std::string_view bare : {"", "10", "1000", "612062", "ADDEAD0", "4A4B", "c3a9", "6C73",
                                      "C3a9", "beef", "2F746D70"}) {
    INFO(bare);
    CHECK_FALSE(looks_hex_encoded(bare));
  }
}

}  // namespace sorrel::record
