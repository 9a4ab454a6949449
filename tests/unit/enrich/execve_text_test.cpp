#include "enrich/execve_text.h"

#include <string>

#include "catch.h"
#include "redacted.h"

namespace sorrel::enrich {
namespace {

SecretRule key_rule() {
  SecretRule r;
  r.name = "key";
  r.place = "test";
  r.pattern = "key=([^;]+)";
  return r;
}

// The bodies of EXECVE records after `key=SECRET` was redacted in them.
std::string redacted(const std::vector<std::string>& execve_bodies) {
  const auto secrets = test::make_secrets({key_rule()});
  std::vector<std::string> records;
  for (const std::string& body : execve_bodies) records.push_back("EXECVE " + body);
  return test::bodies(test::redact(records, *secrets));
}

}  // namespace

TEST_CASE("a redacted argument is written as the kernel writes one", "[secrets]") {
  CHECK(redacted({"argc=3 a0=\"x\" a1=\"key=abc;d\" a2=\"y\""}) ==
        "argc=3 a0=\"x\" a1=\"key=<redacted>;d\" a2=\"y\"\n");
  // "key=a b": hex before, printable after.
  CHECK(redacted({"argc=1 a0=6B65793D612062"}) == "argc=1 a0=\"key=<redacted>\"\n");
  // "x key=a;": a blank stays.
  CHECK(redacted({"argc=1 a0=78206B65793D613B"}) ==
        "argc=1 a0=" + encode_hex("x key=<redacted>;") + "\n");
  // "key=\xff;\xfe": what is not secret keeps its bytes.
  CHECK(redacted({"argc=1 a0=6B65793DFF3BFE"}) ==
        "argc=1 a0=" + encode_hex("key=<redacted>;\xfe") + "\n");
}

TEST_CASE("an argument in parts stays in parts, with its length as it is then", "[secrets]") {
  CHECK(redacted({"argc=2 a0=\"x\" a1_len=12 a1[0]=\"key=\" a1[1]=\"abcd;efg\""}) ==
        "argc=2 a0=\"x\" a1_len=18 a1[0]=\"key=\" a1[1]=\"<redacted>;efg\"\n");
  // Across records; the secret begins in one part and ends in the third.
  CHECK(redacted(
            {"argc=2 a0_len=13 a0[0]=\"key=ab\"", " a0[1]=\"cd\"", " a0[2]=\"e;fgh\" a1=\"y\""}) ==
        "argc=2 a0_len=18 a0[0]=\"key=<redacted>\"\n a0[1]=\"\"\n a0[2]=\";fgh\" a1=\"y\"\n");
  // In hex: the parts keep their form, and the length counts digits as it did.
  CHECK(redacted({"argc=1 a0_len=16 a0[0]=6B65793D61 a0[1]=623B20"}) ==
        "argc=1 a0_len=32 a0[0]=" + encode_hex("key=<redacted>") + " a0[1]=3B20\n");
  // A length in bytes stays one.
  CHECK(redacted({"argc=1 a0_len=8 a0[0]=6B65793D61 a0[1]=623B20"}) ==
        "argc=1 a0_len=16 a0[0]=" + encode_hex("key=<redacted>") + " a0[1]=3B20\n");
}

TEST_CASE("records without a secret stay byte for byte", "[secrets]") {
  const std::string odd = "argc=2  a0=\"x\" a1=Key foo { b } a1=\"y\" a0[3]=zz";
  CHECK(redacted({odd}) == odd + "\n");
  CHECK(redacted({odd, "a1=\"key=abc\" tail"}) == odd + "\na1=\"key=<redacted>\" tail\n");
}

TEST_CASE("malformed arguments are redacted where they stand", "[secrets]") {
  CHECK(redacted({"a0=key=abc a0=\"key=abc\" a7=\"key=abc"}) ==
        "a0=\"key=<redacted>\" a0=\"key=<redacted>\" a7=\"key=<redacted>\"\n");
  CHECK(redacted({"a0[5]=\"key=a\" a0[5]=\"b;c\" a1[0]=\"key=d\""}) ==
        "a0[5]=\"key=<redacted>\" a0[5]=\";c\" a1[0]=\"key=<redacted>\"\n");
  CHECK(redacted({"a0_len=x a0_len= a0[0]=\"key=d\""}) ==
        "a0_len=14 a0_len=14 a0[0]=\"key=<redacted>\"\n");
}

TEST_CASE("a JSON line of redacted arguments is whole", "[secrets]") {
  const auto secrets = test::make_secrets({key_rule()});
  const auto out = test::redact({"EXECVE argc=2 a0_len=13 a0[0]=\"key=ab\"", "EXECVE a0[1]=\"cd\"",
                                 "EXECVE a0[2]=\"e;fgh\" a1=\"y\""},
                                *secrets);
  CHECK(out.json.find(R"("EXECVE":{"argc":2,"ARGV":["key=<redacted>;fgh","y"],)") !=
        std::string::npos);
  CHECK(out.marks == std::vector<std::string>{"EXECVE key"});
}

}  // namespace sorrel::enrich
