#include "control/request.h"

#include "catch.h"
#include "control/json_text.h"

namespace sorrel::control {
namespace {

using Catch::Matchers::Contains;

Request parsed(std::string_view line) {
  const auto request = parse_request(line);
  if (!request) FAIL(request.error().message);
  return *request;
}

}  // namespace

TEST_CASE("a request has a command and arguments of four kinds", "[control][request]") {
  const Request request = parsed(
      R"({"schema":1,"command":"ps","arguments":{"all":true,"max":-5,"state":"a b","pids":[1,2]}})");
  CHECK(request.command == "ps");
  REQUIRE(request.flag("all") != nullptr);
  CHECK(*request.flag("all"));
  CHECK(*request.number("max") == -5);
  CHECK(*request.text("state") == "a b");
  CHECK(*request.numbers("pids") == std::vector<std::int64_t>{1, 2});
  CHECK(request.text("all") == nullptr);
  CHECK(request.flag("none") == nullptr);
  CHECK(parsed(R"({ "command" : "x", "schema" : 1 })").arguments.empty());
  CHECK(parsed(R"({"schema":1,"command":"x","arguments":{"pids":[]}})").numbers("pids")->empty());
}

TEST_CASE("what is no request is refused with what is wrong", "[control][request]") {
  struct Row {
    std::string line;
    std::string code;
    std::string message;
  };
  const Row rows[] = {
      {"", "bad_request", "not JSON"},
      {" ", "bad_request", "not JSON"},
      {"ps", "bad_request", "not JSON"},
      {"\xff\xfe\x00x", "bad_request", "not JSON"},
      {"{\"schema\":1,\"command\":\"\xff\"}", "bad_request", "not JSON"},
      {R"({"schema":1,"command":"ps"} x)", "bad_request", "not JSON"},
      {R"({"schema":1,"command":"ps")", "bad_request", "not JSON"},
      {R"([1])", "bad_request", "not a JSON object"},
      {R"("ps")", "bad_request", "not a JSON object"},
      {R"({})", "bad_request", "schema must be"},
      {R"({"command":"ps"})", "bad_request", "schema must be"},
      {R"({"schema":"1","command":"ps"})", "bad_request", "schema must be"},
      {R"({"schema":2})", "unsupported_schema", "speaks schema 1, the request is of schema 2"},
      {R"({"schema":0,"command":"ps"})", "unsupported_schema", "schema 0"},
      {R"({"schema":1})", "bad_request", "command must be a text"},
      {R"({"schema":1,"command":7})", "bad_request", "command must be a text"},
      {R"({"schema":1,"command":"a","command":"b"})", "bad_request", "given twice"},
      {R"({"schema":1,"command":"a","more":1})", "bad_request", "unknown"},
      {R"({"schema":1,"command":"a","arguments":[]})", "bad_request", "must be an object"},
      {R"({"schema":1,"command":"a","arguments":{"x":null}})", "bad_request", "an argument is"},
      {R"({"schema":1,"command":"a","arguments":{"x":1.5}})", "bad_request", "an argument is"},
      {R"({"schema":1,"command":"a","arguments":{"x":{}}})", "bad_request", "an argument is"},
      {R"({"schema":1,"command":"a","arguments":{"x":["1"]}})", "bad_request", "an argument is"},
      {R"({"schema":1,"command":"a","arguments":{"x":99999999999999999999}})", "bad_request", "an"},
      {R"({"schema":1,"command":"a","arguments":{"x":1,"x":2}})", "bad_request", "given twice"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto request = parse_request(row.line);
    REQUIRE_FALSE(request);
    CHECK(request.error().code == row.code);
    CHECK_THAT(request.error().message, Contains(row.message));
  }
}

TEST_CASE("nesting and numbers of arguments are limited", "[control][request]") {
  std::string deep = R"({"schema":1,"command":"a","arguments":{"x":)" + std::string(9, '[');
  CHECK_FALSE(parse_request(deep + std::string(9, ']') + "}}"));
  CHECK_FALSE(parse_request(std::string(65'536, '[')));
  std::string many = R"({"schema":1,"command":"a","arguments":{)";
  for (std::size_t i = 0; i < kMaxArguments; ++i) many += "\"a" + std::to_string(i) + "\":1,";
  CHECK(parse_request(many.substr(0, many.size() - 1) + "}}"));
  CHECK_FALSE(parse_request(many + "\"b\":1}}"));
}

TEST_CASE("arguments that a command does not know are refused", "[control][request]") {
  const Request request = parsed(R"({"schema":1,"command":"ps","arguments":{"pids":[1]}})");
  CHECK(request.check_arguments({{"pids", ArgumentKind::numbers}}));
  const auto unknown = request.check_arguments({{"state", ArgumentKind::text}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "bad_arguments");
  CHECK(unknown.error().message == "ps has no argument 'pids'");
  const auto other_kind = request.check_arguments({{"pids", ArgumentKind::number}});
  REQUIRE_FALSE(other_kind);
  CHECK(other_kind.error().message == "the argument 'pids' of ps must be a whole number");
}

TEST_CASE("a request that is written is read back as it was", "[control][request]") {
  Request request{.command = "a \"b\"\\\n\x01\xc3\xbc", .arguments = {}};
  request.arguments.push_back({"f", true});
  request.arguments.push_back({"n", std::int64_t{-9'223'372'036'854'775'807}});
  request.arguments.push_back({"t", std::string("\t\x7f\xe2\x82\xac")});
  request.arguments.push_back({"l", std::vector<std::int64_t>{3, -4}});
  const std::string text = request_text(request);
  CHECK(text.find('\n') == std::string::npos);
  const Request again = parsed(text);
  CHECK(again.command == request.command);
  REQUIRE(again.arguments.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(again.arguments[i].name == request.arguments[i].name);
    CHECK(again.arguments[i].value == request.arguments[i].value);
  }
}

TEST_CASE("a byte that is no UTF-8 is replaced in a message", "[control][request]") {
  std::string out;
  append_json_string(out, "a\xff\x1b[0m\"");
  CHECK(out == "\"a\\ufffd\\u001b[0m\\\"\"");
}

}  // namespace sorrel::control
