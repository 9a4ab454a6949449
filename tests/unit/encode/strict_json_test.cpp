// The checker that other tests rely on finds what it should.

#include "property/strict_json.h"

#include <string>

#include "catch.h"

namespace sorrel::test {

TEST_CASE("strict JSON is accepted", "[strict_json]") {
  const std::string line =
      GENERATE(as<std::string>{}, "{}", R"({"a":1})", R"({"a":-0,"b":[],"c":{}})",
               R"({"a":"\u0041\n\\\"","b":[1,"x",null,true,false,1.5e+7]})",
               "{\"\xc3\xa4\":\"\xf0\x9f\x98\x80\"}");
  INFO(line);
  CHECK(StrictJson::fault(line + '\n') == "");
}

TEST_CASE("what is not strict JSON is found", "[strict_json]") {
  const std::string line = GENERATE(
      as<std::string>{}, "", "[]", "1", "{", "{}}", "{} ", "{ }", R"({"a"})", R"({"a":})",
      R"({"a":1,})", R"({"a":1 })", R"({a:1})", R"({"a":01})", R"({"a":1.})", R"({"a":+1})",
      R"({"a":.5})", R"({"a":1e})", R"({"a":nul})", R"({"a":[1,]})", R"({"a":"\x"})",
      R"({"a":"\u12"})", R"({"a":"b)", R"({"a":1,"a":2})", R"({"x":{"a":1,"b":2,"a":3}})",
      "{\"a\":\"\n\"}", "{\"a\":\"\x80\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}",
      "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xe2\x82\"}");
  INFO(line);
  CHECK(StrictJson::fault(line + '\n') != "");
}

TEST_CASE("a line needs its newline", "[strict_json]") {
  CHECK(StrictJson::fault("{}") != "");
}

}  // namespace sorrel::test
