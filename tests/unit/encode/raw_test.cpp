#include "encode/raw.h"

#include <string>
#include <vector>

#include "catch.h"
#include "encoded.h"

namespace sorrel::encode {
namespace {

using test::Encoded;

std::string kernel_event(bool with_eoe, std::string_view node = "") {
  Encoded encoded(Options{.eoe = with_eoe});
  event::Assembler assembler({}, event::TimeBase::live, encoded);
  record::Datagram datagram;
  datagram.node = node;
  for (const auto& [type, payload] : std::vector<std::pair<record::RecordType, std::string_view>>{
           {record::type::kSyscall, "audit(1.000:1): a0=1"},
           {1420, "audit(1.000:1): a=1"},
           {1599, "audit(1.000:1): "},
           {record::type::kEoe, "audit(1.000:1): "}}) {
    datagram.type = type;
    datagram.payload = payload;
    assembler.add(datagram);
  }
  REQUIRE(encoded.raw.size() == 1);
  return encoded.raw[0];
}

}  // namespace

TEST_CASE("a kernel event becomes auditd's text, without EOE", "[raw]") {
  CHECK(kernel_event(false) ==
        "type=SYSCALL msg=audit(1.000:1): a0=1\n"
        "type=IPE_ACCESS msg=audit(1.000:1): a=1\n"
        "type=UNKNOWN[1599] msg=audit(1.000:1): \n");
}

TEST_CASE("EOE and node= are written when they are wanted", "[raw]") {
  CHECK(kernel_event(true, "web") ==
        "node=web type=SYSCALL msg=audit(1.000:1): a0=1\n"
        "node=web type=IPE_ACCESS msg=audit(1.000:1): a=1\n"
        "node=web type=UNKNOWN[1599] msg=audit(1.000:1): \n"
        "node=web type=EOE msg=audit(1.000:1): \n");
}

TEST_CASE("a line break in a kernel record forges no record", "[raw]") {
  Encoded encoded;
  event::Assembler assembler({}, event::TimeBase::live, encoded);
  record::Datagram datagram;
  datagram.type = record::type::kUser;
  datagram.payload = "audit(1.000:1): pid=1 msg='a\ntype=USER_LOGIN msg=audit(1.000:2): res=1\r\n'";
  assembler.add(datagram);
  assembler.flush();
  REQUIRE(encoded.raw.size() == 1);
  CHECK(
      encoded.raw[0] ==
      "type=USER msg=audit(1.000:1): pid=1 msg='a type=USER_LOGIN msg=audit(1.000:2): res=1\r '\n");
  CHECK(encoded.json[0].find("a%0a") != std::string::npos);
}

TEST_CASE("lines of text come back as they were", "[raw]") {
  const std::string line = "type=CWD msg=audit(1.000:1): cwd=\"\x80\" \r";
  CHECK(test::encode_text(line + '\n').raw == std::vector<std::string>{line + '\n'});
}

}  // namespace sorrel::encode
