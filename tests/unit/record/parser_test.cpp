// What the parser finds in bodies as the kernel and the usual programs write them, and in those
// that nobody should write. Each field is described as property/parsed_body.h says.

#include "record/parser.h"

#include <string>
#include <string_view>
#include <vector>

#include "catch.h"
#include "property/parsed_body.h"

namespace sorrel::record {
namespace {

using Lines = std::vector<std::string>;

constexpr RecordType kAvcPathType = 1402;
constexpr RecordType kMacPolicyLoad = 1403;
constexpr RecordType kUserAuth = 1100;

Lines parse(RecordType type, std::string_view body, Origin origin = Origin::text) {
  Parser parser;
  const test::ParsedBody parsed(parser, type, body, origin);
  CHECK(parsed.rebuilt() == body);
  CHECK(parsed.views_lie_inside());
  return parsed.described();
}

}  // namespace

TEST_CASE("a kernel record is a list of bare and quoted fields", "[parser]") {
  CHECK(parse(type::kSyscall,
              "arch=c000003e syscall=59 success=yes exit=-2 a0=7ffc a1=0 tty=(none) ses=3 "
              "comm=\"cat\" exe=\"/usr/bin/cat\" subj=unconfined key=(null)") ==
        Lines{"arch=c000003e hex", "syscall=59 decimal", "success=yes text", "exit=-2 decimal",
              "a0=7ffc hex", "a1=0 hex", "tty=(none) text", "ses=3 decimal", "comm=\"cat\" escaped",
              "exe=\"/usr/bin/cat\" escaped", "subj=unconfined text", "key=(null) escaped"});
}

TEST_CASE("a quoted value may hold blanks, apostrophes, braces and equals signs", "[parser]") {
  CHECK(parse(type::kCwd, "cwd=\"/a b/it's {x=1}\" x=1") ==
        Lines{"cwd=\"/a b/it's {x=1}\" escaped", "x=1 unclassified"});
}

TEST_CASE("a value in hex is bare, whatever it decodes to", "[parser]") {
  CHECK(
      parse(type::kPath, "item=0 name=2F746D702F6120 mode=0100644 cap_fp=0") ==
      Lines{"item=0 decimal", "name=2F746D702F6120 escaped", "mode=0100644 octal", "cap_fp=0 hex"});
}

TEST_CASE("values and bodies may be empty", "[parser]") {
  CHECK(parse(type::kCwd, "").empty());
  CHECK(parse(type::kCwd, " ").empty());
  CHECK(parse(type::kCwd, "                                        ").empty());
  CHECK(parse(type::kPath, "item= name=\"\" nametype=") ==
        Lines{"item= decimal", "name=\"\" escaped", "nametype= text"});
  CHECK(parse(type::kPath, "item=") == Lines{"item= decimal"});
  CHECK(parse(kUserAuth, "msg=''") == Lines{"msg='' message"});
  CHECK(parse(kUserAuth, "msg=") == Lines{"msg= message"});
}

TEST_CASE("blanks around and between fields do not matter", "[parser]") {
  CHECK(parse(type::kPath, "  item=0   name=\"a\"            dev=08:01 ") ==
        Lines{"item=0 decimal", "name=\"a\" escaped", "dev=08:01 text"});
}

TEST_CASE("keys that no table knows are kept", "[parser]") {
  CHECK(parse(type::kPath, "never_heard=1 X-y.z=2 a[3]=4 foouid=5 bargid=6 \xff=7") ==
        Lines{"never_heard=1 unclassified", "X-y.z=2 unclassified", "a[3]=4 unclassified",
              "foouid=5 decimal", "bargid=6 decimal", "\xff=7 unclassified"});
}

TEST_CASE("the same key again says how often it came before", "[parser]") {
  CHECK(parse(type::kPath, "uid=1 gid=2 uid=3 x=4 uid=5 x=6") ==
        Lines{"uid=1 decimal", "gid=2 decimal", "uid=3 decimal repeated 1", "x=4 unclassified",
              "uid=5 decimal repeated 2", "x=6 unclassified repeated 1"});
}

TEST_CASE("a message inside counts its repeats for itself", "[parser]") {
  CHECK(parse(kUserAuth, "pid=1 uid=0 msg='uid=5 uid=6' uid=7") ==
        Lines{"pid=1 decimal", "uid=0 decimal", "msg='uid=5 uid=6' message", "uid=5 text inside",
              "uid=6 text inside repeated 1", "uid=7 decimal repeated 1"});
}

TEST_CASE("arguments of EXECVE have classes of their own", "[parser]") {
  CHECK(parse(type::kExecve, "argc=3 a0=\"sh\" a1=2D6320 a2_len=9 a2[0]=\"abc\" a2[1]=64 a9x=1") ==
        Lines{"argc=3 decimal", "a0=\"sh\" argument", "a1=2D6320 argument", "a2_len=9 length",
              "a2[0]=\"abc\" argument", "a2[1]=64 argument", "a9x=1 unclassified"});
  CHECK(parse(type::kPath, "a0=1") == Lines{"a0=1 text"});
}

TEST_CASE("the class of a field depends on the type of its record", "[parser]") {
  CHECK(parse(type::kSockaddr, "saddr=0200") == Lines{"saddr=0200 sockaddr"});
  CHECK(parse(1324, "saddr=10.0.0.1") == Lines{"saddr=10.0.0.1 text"});
  CHECK(parse(type::kProctitle, "proctitle=7368002D63") == Lines{"proctitle=7368002D63 proctitle"});
  CHECK(parse(kAvcPathType, "dev=\"sda1\"") == Lines{"dev=\"sda1\" escaped"});
  CHECK(parse(type::kPath, "dev=fe:01") == Lines{"dev=fe:01 text"});
}

TEST_CASE("the first word of a TTY record is a word", "[parser]") {
  CHECK(parse(type::kTty, "tty pid=5 major=136 comm=\"bash\" data=6C730D") ==
        Lines{"<tty>", "pid=5 decimal", "major=136 decimal", "comm=\"bash\" escaped",
              "data=6C730D tty"});
  CHECK(parse(kMacPolicyLoad, "policy loaded auid=0 ses=1") ==
        Lines{"<policy>", "<loaded>", "auid=0 decimal", "ses=1 decimal"});
}

TEST_CASE("the permissions of an SELinux AVC are a field in braces without a key", "[parser]") {
  CHECK(parse(type::kAvc,
              "avc:  denied  { read write } for  pid=3 comm=\"a b\" dev=\"sda1\" ino=5 "
              "scontext=u:r:t:s0 tclass=file permissive=0") ==
        Lines{"<avc:>", "<denied>", "{ read write }", "<for>", "pid=3 decimal",
              "comm=\"a b\" escaped", "dev=\"sda1\" escaped", "ino=5 decimal",
              "scontext=u:r:t:s0 text", "tclass=file text", "permissive=0 decimal"});
}

TEST_CASE("AppArmor's AVC has blanks in quotes", "[parser]") {
  CHECK(parse(type::kAvc,
              "apparmor=\"DENIED\" operation=\"open\" info=\"Failed name lookup\" error=-13 "
              "profile=\"/usr/bin/x\" name=2F6120") ==
        Lines{"apparmor=\"DENIED\" escaped", "operation=\"open\" escaped",
              "info=\"Failed name lookup\" escaped", "error=-13 text",
              "profile=\"/usr/bin/x\" escaped", "name=2F6120 escaped"});
}

TEST_CASE("a bare value takes in the words that follow it", "[parser]") {
  CHECK(parse(type::kSyscall, "subj=/usr/bin/x (complain) key=\"a\"") ==
        Lines{"subj=/usr/bin/x (complain) text", "key=\"a\" escaped"});
  CHECK(parse(type::kSyscall, "subj==unconfined key=\"a\"") ==
        Lines{"subj==unconfined text", "key=\"a\" escaped"});
  CHECK(parse(kUserAuth, "msg='op=adding user to  group acct=\"bob\" res=success'") ==
        Lines{"msg='op=adding user to  group acct=\"bob\" res=success' message",
              "op=adding user to  group text inside", "acct=\"bob\" escaped inside",
              "res=success text inside"});
}

TEST_CASE("a word takes no part in a quoted or an empty value", "[parser]") {
  CHECK(parse(type::kPath, "name=\"a\" b c=1") ==
        Lines{"name=\"a\" escaped", "<b>", "c=1 unclassified"});
  CHECK(parse(type::kPath, "name= b c=1") == Lines{"name= escaped", "<b>", "c=1 unclassified"});
}

TEST_CASE("quotes inside a value that has no blanks are part of it", "[parser]") {
  CHECK(parse(type::kPath, "name=\"a\"b c=d\"e") ==
        Lines{"name=\"a\"b escaped", "c=d\"e unclassified"});
}

TEST_CASE("a quote, a brace or an apostrophe that is never closed runs to the end", "[parser]") {
  CHECK(parse(type::kPath, "item=0 name=\"a b=c") ==
        Lines{"item=0 decimal", "name=\"a b=c\" escaped unclosed"});
  CHECK(parse(type::kPath, "name=\"") == Lines{"name=\"\" escaped unclosed"});
  CHECK(parse(type::kAvc, "avc: denied { read for pid=1") ==
        Lines{"<avc:>", "<denied>", "{ read for pid=1} unclosed"});
  CHECK(parse(kUserAuth, "pid=1 msg='op=x res=failed") ==
        Lines{"pid=1 decimal", "msg='op=x res=failed' message unclosed", "op=x text inside",
              "res=failed text inside"});
}

TEST_CASE("control bytes and NULs are bytes of a value", "[parser]") {
  using namespace std::string_literals;
  CHECK(parse(type::kPath, "name=\"a\0b\" x=\0\1 y=2\n3\t4 z=5"s) ==
        Lines{"name=\"a\0b\" escaped"s, "x=\0\1 unclassified"s, "y=2\n3\t4 unclassified",
              "z=5 unclassified"});
}

TEST_CASE("a field's key has no limit but that of its record", "[parser]") {
  const std::string key(70'000, 'k');
  // Keys of 65,535 bytes and less are keys; the rest is kept as a word.
  const Lines long_key = parse(type::kPath, "a=1 " + key + "=2 b=3");
  REQUIRE(long_key.size() == 2);
  CHECK(long_key[0] == "a=1 " + key + "=2 unclassified");
  CHECK(long_key[1] == "b=3 unclassified");
  const std::string longest(65'535, 'k');
  CHECK(parse(type::kPath, longest + "=2 b=3") ==
        Lines{longest + "=2 unclassified", "b=3 unclassified"});
  const std::string value(70'000, 'v');
  CHECK(parse(type::kPath, "a=" + value + " b=\"" + value + "\"") ==
        Lines{"a=" + value + " unclassified", "b=\"" + value + "\" unclassified"});
}

TEST_CASE("what follows the largest number of fields is one word", "[parser]") {
  std::string body;
  for (std::size_t i = 0; i < kMaxFields; ++i) body += "a ";
  CHECK(parse(type::kPath, body).size() == kMaxFields);
  const Lines more = parse(type::kPath, body + "b=1 c=2");
  REQUIRE(more.size() == kMaxFields + 1);
  CHECK(more.back() == "<b=1 c=2>");

  std::string keyed;
  for (std::size_t i = 0; i < kMaxFields + 3; ++i) keyed += "a=1 ";
  CHECK(parse(type::kPath, keyed).size() == kMaxFields + 1);
  CHECK(parse(kUserAuth, "msg='" + keyed + "' x=1").size() == kMaxFields + 1);
}

TEST_CASE("parsing appends to a list", "[parser]") {
  Parser parser;
  FieldList fields;
  std::string body = "a=1 b=2";
  const std::size_t size = body.size();
  body.append(kSentinel, sizeof kSentinel).append(kPadding, '\0');
  parser.parse(type::kPath, std::string_view(body).substr(0, size), Origin::text, fields);
  parser.parse(type::kPath, std::string_view(body).substr(0, size), Origin::text, fields);
  REQUIRE(fields.size() == 4);
  CHECK(fields.data()[2].key() == "a");
  CHECK(fields.data()[2].repeated == 0);
}

}  // namespace sorrel::record
