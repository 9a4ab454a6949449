// Messages of user space, msg='...', and what auditd's ENRICHED format appends behind 0x1d.

#include <string>
#include <string_view>
#include <vector>

#include "catch.h"
#include "property/parsed_body.h"
#include "record/parser.h"

namespace sorrel::record {
namespace {

using Lines = std::vector<std::string>;

constexpr RecordType kUserAuth = 1100;

Lines parse(RecordType type, std::string_view body, Origin origin = Origin::text) {
  Parser parser;
  const test::ParsedBody parsed(parser, type, body, origin);
  CHECK(parsed.rebuilt() == body);
  CHECK(parsed.views_lie_inside());
  return parsed.described();
}

}  // namespace

TEST_CASE("a message holds fields of its own", "[parser]") {
  CHECK(parse(kUserAuth,
              "pid=9 uid=0 auid=4294967295 msg='op=PAM:auth acct=\"bob\" exe=\"/bin/a b\" "
              "hostname=? addr=::1 res=failed'") ==
        Lines{"pid=9 decimal", "uid=0 decimal", "auid=4294967295 decimal",
              "msg='op=PAM:auth acct=\"bob\" exe=\"/bin/a b\" hostname=? addr=::1 res=failed' "
              "message",
              "op=PAM:auth text inside", "acct=\"bob\" escaped inside",
              "exe=\"/bin/a b\" escaped inside", "hostname=? text inside", "addr=::1 text inside",
              "res=failed text inside"});
}

TEST_CASE("a message ends at the last apostrophe of its record", "[parser]") {
  CHECK(parse(kUserAuth, "msg='acct=\"it's\" op='x y' z' ses=1") ==
        Lines{"msg='acct=\"it's\" op='x y' z' message", "acct=\"it's\" escaped inside",
              "op='x y' z text inside", "ses=1 decimal"});
  CHECK(parse(kUserAuth, "msg='a=1'b=2") ==
        Lines{"msg='a=1'b=2' message unclosed", "a=1'b=2 unclassified inside"});
}

TEST_CASE("quotes and braces inside a message stay inside it", "[parser]") {
  CHECK(parse(kUserAuth, "msg='cmd=\"open' ses=1") ==
        Lines{"msg='cmd=\"open' message", "cmd=\"open\" escaped inside unclosed", "ses=1 decimal"});
  CHECK(parse(1107, "msg='avc:  denied  { send_msg } for msgtype=signal sauid=81 exe=\"/x\"'") ==
        Lines{"msg='avc:  denied  { send_msg } for msgtype=signal sauid=81 exe=\"/x\"' message",
              "<avc:> inside", "<denied> inside", "{ send_msg } inside", "<for> inside",
              "msgtype=signal unclassified inside", "sauid=81 text inside",
              "exe=\"/x\" escaped inside"});
}

TEST_CASE("a message inside a message is a bare value", "[parser]") {
  CHECK(parse(kUserAuth, "msg='a=1 msg='b=2' c=3'") ==
        Lines{"msg='a=1 msg='b=2' c=3' message", "a=1 unclassified inside", "msg='b=2' text inside",
              "c=3 unclassified inside"});
}

TEST_CASE("text without a key is kept as words", "[parser]") {
  CHECK(parse(kUserAuth, "msg='hello to   you'") ==
        Lines{"msg='hello to   you' message", "<hello> inside", "<to> inside", "<you> inside"});
}

TEST_CASE("values inside a message are strings, escaped only under keys that can be", "[parser]") {
  CHECK(parse(kUserAuth, "msg='id=1000 uid=5 cmd=6C73 data=41 proctitle=41 new-disk=\"a\"'") ==
        Lines{"msg='id=1000 uid=5 cmd=6C73 data=41 proctitle=41 new-disk=\"a\"' message",
              "id=1000 text inside", "uid=5 text inside", "cmd=6C73 escaped inside",
              "data=41 escaped inside", "proctitle=41 escaped inside",
              "new-disk=\"a\" escaped inside"});
}

TEST_CASE("what auditd appended is told by its 0x1d", "[parser]") {
  CHECK(parse(type::kSyscall,
              "uid=0 key=\"a\"\x1d"
              "ARCH=x86_64 SYSCALL=openat AUID=\"unset\" UID=\"root\"") ==
        Lines{"uid=0 decimal", "key=\"a\" escaped", "ARCH=x86_64 text enriched",
              "SYSCALL=openat text enriched", "AUID=\"unset\" escaped enriched",
              "UID=\"root\" escaped enriched"});
  CHECK(parse(type::kPath,
              "ouid=0 cap_frootid=0\x1d"
              "OUID=\"root\"") ==
        Lines{"ouid=0 decimal", "cap_frootid=0 text", "OUID=\"root\" escaped enriched"});
}

TEST_CASE("0x1d ends a message, a value in quotes and one in braces", "[parser]") {
  CHECK(parse(kUserAuth,
              "pid=1 msg='a=1 res=success'\x1d"
              "UID=\"it's\" AUID=\"bob\"") ==
        Lines{"pid=1 decimal", "msg='a=1 res=success' message", "a=1 unclassified inside",
              "res=success text inside", "UID=\"it's\" escaped enriched",
              "AUID=\"bob\" escaped enriched"});
  CHECK(parse(type::kSockaddr,
              "saddr=0200\x1d"
              "SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=53 }") ==
        Lines{"saddr=0200 sockaddr",
              "SADDR={ saddr_fam=inet laddr=1.2.3.4 lport=53 } text enriched"});
  CHECK(parse(type::kAvc,
              "avc: denied { read }\x1d"
              "UID=\"a\"") ==
        Lines{"<avc:>", "<denied>", "{ read }", "UID=\"a\" escaped enriched"});
}

TEST_CASE("0x1d with a blank before it, or alone, is told too", "[parser]") {
  CHECK(parse(type::kPath,
              "ouid=0 \x1d"
              "OUID=\"root\"") == Lines{"ouid=0 decimal", "OUID=\"root\" escaped enriched"});
  CHECK(parse(type::kPath, "\x1dUID=\"a\"") == Lines{"UID=\"a\" escaped enriched"});
  CHECK(parse(type::kPath, "ouid=0\x1d") == Lines{"ouid=0\x1d decimal"});
}

TEST_CASE("0x1d that no upper-case name follows is a byte of the value", "[parser]") {
  CHECK(parse(type::kPath,
              "name=a\x1d"
              "b c=1") == Lines{"name=a\x1d"
                                "b escaped",
                                "c=1 unclassified"});
}

TEST_CASE("the kernel has no enriched part: 0x1d is a byte there", "[parser]") {
  CHECK(parse(type::kSyscall,
              "subj=a\x1d"
              "UID=\"root\" key=\"b\"",
              Origin::kernel) == Lines{"subj=a\x1d"
                                       "UID=\"root\" text",
                                       "key=\"b\" escaped"});
  CHECK(parse(kUserAuth,
              "msg='a=1\x1d"
              "UID=\"root\"'",
              Origin::kernel) ==
        Lines{"msg='a=1\x1dUID=\"root\"' message", "a=1\x1dUID=\"root\" unclassified inside"});
}

TEST_CASE("what looks enriched inside a message is not", "[parser]") {
  CHECK(parse(kUserAuth,
              "msg='a=1\x1d"
              "UID=\"root\" res=success'") == Lines{"msg='a=1\x1dUID=\"root\" res=success' message",
                                                    "a=1\x1dUID=\"root\" unclassified inside",
                                                    "res=success text inside"});
}

TEST_CASE("an enriched name counts as a repeat of the same key", "[parser]") {
  CHECK(parse(type::kPath,
              "UID=1\x1d"
              "UID=\"root\"") ==
        Lines{"UID=1 escaped", "UID=\"root\" escaped enriched repeated 1"});
}

}  // namespace sorrel::record
