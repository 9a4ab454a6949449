#include "record/record_type.h"

#include <cstdlib>
#include <string>

#include <libaudit.h>

#include "catch.h"

namespace sorrel::record {

TEST_CASE("every type that libaudit names has the same name here", "[record_type]") {
  int named = 0;
  for (int number = 0; number <= 0xffff; ++number) {
    const char* const theirs = audit_msg_type_to_name(number);
    if (theirs == nullptr) continue;
    ++named;
    INFO(number);
    CHECK(type_name(static_cast<RecordType>(number)) == theirs);
    CHECK(type_number(theirs) == static_cast<RecordType>(number));
  }
  CHECK(named > 180);
}

TEST_CASE("every name leads back to its number", "[record_type]") {
  int named = 0;
  for (int number = 0; number <= 0xffff; ++number) {
    const std::string_view name = type_name(static_cast<RecordType>(number));
    if (name.empty()) continue;
    ++named;
    INFO(name);
    CHECK(type_number(name) == static_cast<RecordType>(number));
  }
  CHECK(named == 209);
}

TEST_CASE("types newer than libaudit 3.0.9 have their names", "[record_type]") {
  CHECK(type_name(1338) == "DM_CTRL");
  CHECK(type_name(1339) == "DM_EVENT");
  CHECK(type_name(1420) == "IPE_ACCESS");
  CHECK(type_name(1421) == "IPE_CONFIG_CHANGE");
  CHECK(type_name(1422) == "IPE_POLICY_LOAD");
  CHECK(type_name(1423) == "LANDLOCK_ACCESS");
  CHECK(type_name(1424) == "LANDLOCK_DOMAIN");
  CHECK(type_name(1425) == "MAC_TASK_CONTEXTS");
  CHECK(type_name(1426) == "MAC_OBJ_CONTEXTS");
  CHECK(type_name(type::kSorrelLoss) == "SORREL_LOSS");
  CHECK(type_name(type::kSorrelUnparsed) == "SORREL_UNPARSED");
  CHECK(type_name(type::kSorrelHealth) == "SORREL_HEALTH");
}

TEST_CASE("a type without a name is UNKNOWN[n]", "[record_type]") {
  CHECK(type_name(1310).empty());
  CHECK(type_name(0).empty());
  CHECK(type_name(type::kUnknownName).empty());
  CHECK(type_number("UNKNOWN[1334]") == RecordType{1334});
  CHECK(type_number("UNKNOWN[0]") == RecordType{0});
  CHECK(type_number("UNKNOWN[65535]") == RecordType{65535});
}

TEST_CASE("what is no type name has no number", "[record_type]") {
  const std::string_view name = GENERATE(
      as<std::string_view>{}, "", "S", "SYSCAL", "SYSCALL ", "SYSCALLS", "syscall", "XYZ",
      std::string_view("SYSCALL\0", 8), "UNKNOWN", "UNKNOWN[", "UNKNOWN[]", "UNKNOWN[65536]",
      "UNKNOWN[-1]", "UNKNOWN[+1]", "UNKNOWN[12", "UNKNOWN[12]x", "UNKNOWN[1 2]", "UNKNOWN[0x10]",
      "UNKNOWN[99999999999999999999]", "\xff\xff\xff\xff\xff\xff\xff\xff\xff");
  INFO(name);
  CHECK(type_number(name) == std::nullopt);
}

TEST_CASE("a name of any length can be looked up", "[record_type]") {
  std::string name;
  for (int length = 0; length < 300; ++length) {
    CHECK(type_number(name) == std::nullopt);
    name.push_back('A');
  }
}

TEST_CASE("messages of the control protocol are no events", "[record_type]") {
  for (const int number : {0, 2, 3, 16, 999, 1000, 1001, 1003, 1004, 1007, 1010, 1013, 1016, 1019,
                           1050, 1099, 1204, 1329}) {
    INFO(number);
    CHECK_FALSE(is_event_type(static_cast<RecordType>(number)));
  }
}

TEST_CASE("records of the kernel, of user space and of ours are events, known or not",
          "[record_type]") {
  for (const int number : {1005, 1006, 1100, 1199, 1200, 1205, 1300, 1320, 1327, 1400, 1426, 1500,
                           1999, 2000, 2999, 3500}) {
    INFO(number);
    CHECK(is_event_type(static_cast<RecordType>(number)));
  }
  CHECK(is_event_type(type::kSorrelLoss));
  CHECK(is_event_type(type::kUnknownName));
}

TEST_CASE("a record of an unknown name may join the event of its id", "[record_type]") {
  CHECK_FALSE(is_always_alone(type::kUnknownName));
  CHECK_FALSE(is_always_alone(1423));
  CHECK_FALSE(is_always_alone(type::kSyscall));
  CHECK(is_always_alone(type::kSorrelLoss));
  CHECK(is_always_alone(type::kDaemonStart));
  CHECK(is_always_alone(type::kKernel));
}

}  // namespace sorrel::record
