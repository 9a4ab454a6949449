// One record's object, value by value: the JSON types that LAUREL gives, and nothing lost.

#include <string>

#include "catch.h"
#include "encoded.h"

namespace sorrel::encode {
namespace {

using test::encode_record;

}  // namespace

TEST_CASE("decimal fields are numbers within 64 bits, otherwise strings", "[json]") {
  CHECK(encode_record("PATH item=0 inode=18446744073709551615 ouid=4294967295") ==
        R"j("PATH":[{"item":0,"inode":"18446744073709551615","ouid":4294967295}])j");
  CHECK(encode_record("PATH inode=9223372036854775807 ouid=-9223372036854775808") ==
        R"j("PATH":[{"inode":9223372036854775807,"ouid":-9223372036854775808}])j");
  CHECK(encode_record("PATH inode=9223372036854775808 ouid=1234567890123456") ==
        R"j("PATH":[{"inode":"9223372036854775808","ouid":1234567890123456}])j");
  CHECK(encode_record("PATH item=-0 ino=-1 inode=+1 ouid=007 ogid=1e3") ==
        R"j("PATH":[{"item":-0,"ino":-1,"inode":"%2b1","ouid":"007","ogid":"1e3"}])j");
  CHECK(encode_record("PATH item=? inode=(null) ouid= ogid=0x1f") ==
        R"j("PATH":[{"item":"?","inode":"(null)","ouid":null,"ogid":"0x1f"}])j");
}

TEST_CASE("hex fields are strings without leading zeros", "[json]") {
  CHECK(encode_record("PATH cap_fp=0000000000000000 cap_fi=00000000000000ff cap_fver=0") ==
        R"j("PATH":[{"cap_fp":"0x0","cap_fi":"0xff","cap_fver":"0x0"}])j");
  CHECK(encode_record("PATH cap_fp=0xFF cap_fi=? cap_fver=(null)") ==
        R"j("PATH":[{"cap_fp":"0xFF","cap_fi":"?","cap_fver":"(null)"}])j");
  CHECK(encode_record("PATH cap_fp=00000000000000001 cap_fi=xyz cap_fver=") ==
        R"j("PATH":[{"cap_fp":"00000000000000001","cap_fi":"xyz","cap_fver":null}])j");
  CHECK(encode_record("PATH cap_fp=1234567890abcdef cap_fi=0x") ==
        R"j("PATH":[{"cap_fp":"0x1234567890abcdef","cap_fi":"0x"}])j");
}

TEST_CASE("octal fields are strings without leading zeros", "[json]") {
  CHECK(encode_record("PATH mode=0100755") == R"j("PATH":[{"mode":"0o100755"}])j");
  CHECK(encode_record("PATH mode=000") == R"j("PATH":[{"mode":"0o0"}])j");
  CHECK(encode_record("PATH mode=0100855") == R"j("PATH":[{"mode":"0100855"}])j");
  CHECK(encode_record("PATH mode=?") == R"j("PATH":[{"mode":"?"}])j");
  CHECK(encode_record("PATH mode=") == R"j("PATH":[{"mode":null}])j");
}

TEST_CASE("what the kernel had to write in hex becomes bytes again", "[json]") {
  CHECK(encode_record("CWD cwd=2F612062") == R"j("CWD":{"cwd":"/a b"})j");
  CHECK(encode_record("CWD cwd=2F00C3A4FF") == R"j("CWD":{"cwd":"/%00)j"
                                               "\xc3\xa4"
                                               R"j(%ff"})j");
  CHECK(encode_record("CWD cwd=2f612062") == R"j("CWD":{"cwd":"/a b"})j");
  CHECK(encode_record("CWD cwd=2F6") == R"j("CWD":{"cwd":"2F6"})j");
  CHECK(encode_record("CWD cwd=(null)") == R"j("CWD":{"cwd":null})j");
  CHECK(encode_record("CWD cwd=?") == R"j("CWD":{"cwd":null})j");
  CHECK(encode_record("CWD cwd=\"2F61\"") == R"j("CWD":{"cwd":"2F61"})j");
  CHECK(encode_record("CWD cwd=\"(null)\"") == R"j("CWD":{"cwd":"(null)"})j");
}

TEST_CASE("a number under a key that no table has stays a number's text", "[json]") {
  CHECK(encode_record("CONFIG_CHANGE old=64 new=8192 x=1000") ==
        R"j("CONFIG_CHANGE":[{"old":"64","new":"8192","x":"1000"}])j");
  CHECK(encode_record("CONFIG_CHANGE x=C3A4 y=ABBA z=c3a4") == R"j("CONFIG_CHANGE":[{"x":")j"
                                                               "\xc3\xa4"
                                                               R"j(","y":"%ab%ba","z":"c3a4"}])j");
}

TEST_CASE("a key in its record again gets a number", "[json]") {
  CHECK(encode_record("PATH name=\"a\" name=\"b\" x=1 name=\"c\" x=2") ==
        R"j("PATH":[{"name":"a","name_2":"b","x":"1","name_3":"c","x_2":"2"}])j");
  CHECK(encode_record("PATH x=1 x=2 x_2=3") == R"j("PATH":[{"x":"1","x 2":"2","x_2":"3"}])j");
  std::string body = "PATH";
  for (int i = 0; i < 300; ++i) body += " x=1";
  CHECK(encode_record(body).ends_with(R"j("x_299":"1","x_300":"1"}])j"));
}

TEST_CASE("a message becomes an object of strings", "[json]") {
  CHECK(encode_record("USER_AUTH pid=9 uid=0 msg='op=PAM:auth id=1000 acct=\"bob\" cmd=6C73 "
                      "exe=\"/bin/a b\" hostname=? addr=(null) why= res=failed'") ==
        R"j("USER_AUTH":{"pid":9,"uid":0,"msg":{"op":"PAM:auth","id":"1000","acct":"bob",)j"
        R"j("cmd":"ls","exe":"/bin/a b","hostname":null,"addr":null,"why":"","res":"failed"}})j");
  CHECK(encode_record("USER msg=''") == R"j("USER":{"msg":{}})j");
  CHECK(encode_record("USER msg=") == R"j("USER":{"msg":null})j");
}

TEST_CASE("words without a key are kept as TEXT", "[json]") {
  CHECK(encode_record("USER msg='hello \"there\" a=1 b=\"x\" you'") ==
        R"j("USER":{"msg":{"a":"1","b":"x","TEXT":"hello \"there\" you"}})j");
  CHECK(encode_record("TTY tty pid=1 data=6C730D") ==
        R"j("TTY":[{"pid":1,"data":"ls%0d","TEXT":"tty"}])j");
  CHECK(encode_record("USER msg='word TEXT=1'") ==
        R"j("USER":{"msg":{"TEXT":"1","TEXT WORDS":"word"}})j");
}

TEST_CASE("the word that begins netlabel's records is a key, as LAUREL has it", "[json]") {
  CHECK(encode_record("MAC_UNLBL_ALLOW netlabel: auid=0 old=0") ==
        R"j("MAC_UNLBL_ALLOW":[{"netlabel":null,"auid":0,"old":"0"}])j");
  CHECK(encode_record("MAC_UNLBL_ALLOW netlabel: more netlabel=1") ==
        R"j("MAC_UNLBL_ALLOW":[{"netlabel":"1","TEXT":"netlabel: more"}])j");
}

TEST_CASE("SELinux's verdict comes last, with its permissions", "[json]") {
  CHECK(encode_record("AVC avc:  denied  { read  write } for  pid=1 comm=\"x\"") ==
        R"j("AVC":[{"pid":1,"comm":"x","denied":["read","write"]}])j");
  CHECK(encode_record("AVC avc:  granted  { execute } for  pid=1") ==
        R"j("AVC":[{"pid":1,"granted":["execute"]}])j");
  CHECK(encode_record("AVC avc:  denied  { } for  pid=1") == R"j("AVC":[{"pid":1,"denied":[]}])j");
  CHECK(encode_record("AVC avc: denied { read pid=1") ==
        R"j("AVC":[{"denied":["read","pid=1"]}])j");
}

TEST_CASE("a verdict of user space is told twice: in LAUREL's form, and as a list", "[json]") {
  CHECK(encode_record("USER_AVC pid=1 msg='avc:  denied  { send_msg } for msgtype=signal'") ==
        R"j("USER_AVC":{"pid":1,"msg":{"avc":"denied  { send_msg } for","msgtype":"signal",)j"
        R"j("denied":["send_msg"]}})j");
  CHECK(encode_record(
            "USER_AVC msg='avc:  received setenforce notice (enforcing=1)  exe=\"/x\" sauid=81'") ==
        R"j("USER_AVC":{"msg":{"avc":"received setenforce notice (enforcing=1)","exe":"/x",)j"
        R"j("sauid":"81"}})j");
  CHECK(encode_record("USER_AVC msg='avc: denied { a } for avc=1 denied=2'") ==
        R"j("USER_AVC":{"msg":{"avc":"1","denied":"2","denied WORDS":["a"]}})j");
}

TEST_CASE("braces stay, without the blanks inside them", "[json]") {
  CHECK(encode_record("SOCKADDR saddr=?\x1dSADDR={ saddr_fam=netlink pid=0 }",
                      {.socket_addresses = false}) ==
        R"j("SOCKADDR":[{"saddr":null,"SADDR":"{saddr_fam=netlink pid=0}"}])j");
}

TEST_CASE("several keys of a rule are also a list", "[json]") {
  const std::string syscall = "SYSCALL arch=c000003e key=";
  CHECK(encode_record(syscall + "6101620163") ==
        R"j("SYSCALL":{"arch":"0xc000003e","key":"a%01b%01c","KEYS":["a","b","c"],"ARGV":[]})j");
  CHECK(encode_record(syscall + "\"a\"") ==
        R"j("SYSCALL":{"arch":"0xc000003e","key":"a","ARGV":[]})j");
  CHECK(encode_record(syscall + "6101") ==
        R"j("SYSCALL":{"arch":"0xc000003e","key":"a%01","KEYS":["a",""],"ARGV":[]})j");
  CHECK(encode_record(syscall + "(null)") ==
        R"j("SYSCALL":{"arch":"0xc000003e","key":null,"ARGV":[]})j");
}

TEST_CASE("the arguments of a call are gathered", "[json]") {
  CHECK(encode_record("SYSCALL arch=c000003e a0=7ffc a1=0 a2=00ff a3=0 items=2") ==
        R"j("SYSCALL":{"arch":"0xc000003e","items":2,"ARGV":["0x7ffc","0x0","0xff","0x0"]})j");
  CHECK(encode_record("SYSCALL a0=x a1=? a2= items=2") ==
        R"j("SYSCALL":{"items":2,"ARGV":["x","?",null]})j");
}

TEST_CASE("an address stands beside its bytes", "[json]") {
  CHECK(encode_record("SOCKADDR saddr=02000035C000020A0000000000000000") ==
        R"j("SOCKADDR":[{"saddr":"%02%00%005%c0%00%02%0a%00%00%00%00%00%00%00%00",)j"
        R"j("SADDR":{"saddr_fam":"inet","addr":"192.0.2.10","port":53}}])j");
  CHECK(
      encode_record("SOCKADDR saddr=01002F612B00") ==
      R"j("SOCKADDR":[{"saddr":"%01%00/a%2b%00","SADDR":{"saddr_fam":"local","path":"/a%2b"}}])j");
  CHECK(encode_record("SOCKADDR saddr=02") == R"j("SOCKADDR":[{"saddr":"%02"}])j");
  CHECK(encode_record("SOCKADDR saddr=0200\x1dSADDR=unknown") ==
        R"j("SOCKADDR":[{"saddr":"%02%00","SADDR":{"saddr_fam":"inet"}}])j");
  CHECK(encode_record("SOCKADDR saddr=6300\x1dSADDR=unknown-family(99)") ==
        R"j("SOCKADDR":[{"saddr":"c%00","SADDR":{"saddr_fam":"unknown(99)"}}])j");
}

TEST_CASE("a prefix names what is added, and what auditd added", "[json]") {
  const Options options{.prefix = "e_"};
  CHECK(encode_record("SYSCALL a0=1 uid=0 key=610162\x1dUID=\"root\" GID=\"root\"", options) ==
        R"j("SYSCALL":{"uid":0,"key":"a%01b","e_uid":"root","e_gid":"root","e_keys":["a","b"],)j"
        R"j("e_argv":["0x1"]})j");
  // A name that is none gets none, and its escapes.
  CHECK(encode_record("SYSCALL uid=0\x1dU\xff\\=1", options) ==
        R"j("SYSCALL":{"uid":0,"U%ff\\":"1","e_argv":[]})j");
}

TEST_CASE("types that no table has keep their names", "[json]") {
  CHECK(encode_record("BRAND_NEW a=1") == R"j("BRAND_NEW":[{"a":"1"}])j");
  CHECK(encode_record("UNKNOWN[1499] a=1") == R"j("UNKNOWN[1499]":[{"a":"1"}])j");
  CHECK(encode_record("A\"B a=1") == R"j("A\"B":[{"a":"1"}])j");
  CHECK(encode_record("ID a=1") == R"j("type ID":[{"a":"1"}])j");
  CHECK(encode_record("CWD_2 a=1") == R"j("type CWD_2":[{"a":"1"}])j");
}

TEST_CASE("no field is still an object", "[json]") {
  CHECK(encode_record("CWD") == R"j("CWD":{})j");
  CHECK(encode_record("PATH") == R"j("PATH":[{}])j");
  CHECK(encode_record("SYSCALL") == R"j("SYSCALL":{"ARGV":[]})j");
  CHECK(encode_record("EXECVE") == R"j("EXECVE":{"ARGV":[]})j");
  CHECK(encode_record("PROCTITLE") == R"j("PROCTITLE":{})j");
  CHECK(encode_record("SOCKADDR") == R"j("SOCKADDR":[{}])j");
}

}  // namespace sorrel::encode
