#include <random>
#include <string>

#include "catch.h"
#include "record/datagram.h"
#include "record/line_parser.h"

namespace sorrel::record {
namespace {

struct Row {
  std::string_view line;
  RecordType type;
  std::string_view type_name;
  std::string_view node;
  std::string_view payload;
};

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

TEST_CASE("a line is split into type, node and payload", "[parse_line]") {
  const Row row = GENERATE(values<Row>({
      {"type=CWD msg=audit(1.000:2): cwd=\"/\"", type::kCwd, "CWD", "",
       "audit(1.000:2): cwd=\"/\""},
      {"node=web-1 type=CWD msg=audit(1.000:2): cwd=\"/\"", type::kCwd, "CWD", "web-1",
       "audit(1.000:2): cwd=\"/\""},
      {"node=a=b type=EOE msg=audit(1.000:2): ", type::kEoe, "EOE", "a=b", "audit(1.000:2): "},
      {"type=EOE msg=audit(1.000:2):", type::kEoe, "EOE", "", "audit(1.000:2):"},
      {"type=EOE msg=audit(1.000:2): \n", type::kEoe, "EOE", "", "audit(1.000:2): "},
      {"type=EOE msg=audit(1.000:2): \r", type::kEoe, "EOE", "", "audit(1.000:2): "},
      {"type=EOE msg=audit(1.000:2): \r\n", type::kEoe, "EOE", "", "audit(1.000:2): "},
      {std::string_view("type=EOE msg=audit(1.000:2): \0\n", 31), type::kEoe, "EOE", "",
       "audit(1.000:2): "},
      {"type=UNKNOWN[1420] msg=audit(1.000:2): a=1", 1420, "UNKNOWN[1420]", "",
       "audit(1.000:2): a=1"},
      {"type=NEVER_HEARD msg=audit(1.000:2): a=1", type::kUnknownName, "NEVER_HEARD", "",
       "audit(1.000:2): a=1"},
      {"type=UNKNOWN[70000] msg=audit(1.000:2): a=1", type::kUnknownName, "UNKNOWN[70000]", "",
       "audit(1.000:2): a=1"},
      {"type=LANDLOCK_ACCESS msg=audit(1.000:2): a=1", 1423, "LANDLOCK_ACCESS", "",
       "audit(1.000:2): a=1"},
  }));
  INFO(row.line);
  const Datagram got = parse_line(row.line);
  CHECK(got.type == row.type);
  CHECK(got.type_name == row.type_name);
  CHECK(got.node == row.node);
  CHECK(got.payload == row.payload);
  CHECK(got.received_ns == 0);
  CHECK(lies_within(got.payload, row.line));
}

TEST_CASE("the line itself keeps all but its newline", "[parse_line]") {
  CHECK(parse_line("type=EOE msg=audit(1.000:2): \r\n").line == "type=EOE msg=audit(1.000:2): \r");
  CHECK(parse_line("no record \n").line == "no record ");
  CHECK(parse_line("\n").line.empty());
}

TEST_CASE("a line that is no record has no payload and no type", "[parse_line]") {
  const std::string_view line = GENERATE(
      as<std::string_view>{}, "", " ", "\n", "type", "type=", "type= ", "type=CWD", "type=CWD ",
      "type=CWD msg", "type=CWD msg=", "type=CWD msg=audit", "type=CWD msg=audit 1.000:2",
      "type=CWD  msg=audit(1.000:2): a=1", " type=CWD msg=audit(1.000:2): a=1",
      "type= msg=audit(1.000:2): a=1", "node=", "node=x", "node=x ",
      "node= type=EOE msg=audit(1.000:2): ", "node=two words type=CWD msg=audit(1.000:2): a=1",
      "nodetype=CWD msg=audit(1.000:2): a=1", "msg=audit(1.000:2): a=1", "audit(1.000:2): a=1",
      "TYPE=CWD msg=audit(1.000:2): a=1",
      "Jul 15 12:00:00 host audispd: type=CWD msg=audit(1.000:2): a=1", "{\"ID\":\"1.000:2\"}",
      "\xff\xfe\0\0");
  INFO(line);
  const Datagram got = parse_line(line);
  CHECK(got.payload.empty());
  CHECK(got.type == 0);
  CHECK(got.type_name.empty());
  CHECK(got.node.empty());
}

TEST_CASE("a line's stamp is only seen to begin", "[parse_line]") {
  const std::string_view line = GENERATE(
      as<std::string_view>{}, "type=CWD msg=audit(", "type=CWD msg=audit(1.000:2)",
      "type=CWD msg=audit(1.000:x): a=1", "type=CWD msg=audit(1.000:99999999999999999999): a=1",
      "type=CWD msg=audit(09/11/2020 12:00:00.123:45) : a=1");
  INFO(line);
  const Datagram got = parse_line(line);
  CHECK(got.payload == line.substr(13));
  CHECK(got.type == type::kCwd);
}

TEST_CASE("any bytes can be given to parse_line", "[parse_line]") {
  std::mt19937 random(7);
  const std::string whole = "node=h type=CWD msg=audit(1626352163.720:114): cwd=\"/\"\r\n";
  for (int round = 0; round < 20000; ++round) {
    std::string changed = whole;
    const auto changes = random() % 3;
    for (unsigned i = 0; i < changes; ++i) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    changed.resize(random() % (changed.size() + 1));
    changed.shrink_to_fit();
    const Datagram got = parse_line(changed);
    REQUIRE(lies_within(got.payload, changed));
    REQUIRE(lies_within(got.node, changed));
    REQUIRE(lies_within(got.type_name, changed));
    REQUIRE(got.payload.empty() == got.type_name.empty());
  }
}

TEST_CASE("what a line parser saw before never changes what it finds", "[parse_line][property]") {
  const std::string_view lines[] = {
      "type=SYSCALL msg=audit(1795409077.545:3172001): arch=c000003e syscall=59",
      "type=SYSCALL msg=audit(1795409077.545:3172001): arch=c000003e \r",
      "type=EOE msg=audit(1795409077.545:3172001): ",
      "type=EOE msg=audit(1.000:2): ",  // too short to be remembered
      "type=SERVICE_START msg=audit(1795409077.545:3172002): pid=1",
      "type=SERVICE_STOP msg=audit(1795409077.545:3172002): pid=1",
      "type=LANDLOCK_ACCESS msg=audit(1795409077.545:3172002): pid=1",
      "type=UNKNOWN[1420] msg=audit(1795409077.545:3172002): pid=1",
      "type=NEVER_HEARD_OF_SUCH msg=audit(1795409077.545:3172002): pid=1",
      "node=web-1 type=SYSCALL msg=audit(1795409077.545:3172001): arch=c000003e",
      "an unusual line, which is longer than the beginning of a record",
  };
  std::mt19937 random(11);
  LineParser parser;
  for (int round = 0; round < 20000; ++round) {
    std::string line(lines[random() % std::size(lines)]);
    // The bytes of its beginning tell what it is.
    if (random() % 4 == 0) line[random() % 34 % line.size()] = static_cast<char>(random());
    if (random() % 16 == 0) line.resize(random() % line.size());
    const std::string_view exact = line;
    const Datagram wanted = parse_line(exact);
    Datagram got;
    parser.parse_to(exact, got);
    CAPTURE(line);
    REQUIRE(got.type == wanted.type);
    REQUIRE(got.line == wanted.line);
    REQUIRE(got.payload == wanted.payload);
    REQUIRE(got.payload.data() == wanted.payload.data());
    REQUIRE(got.node == wanted.node);
    REQUIRE(got.type_name == wanted.type_name);
  }
}

}  // namespace sorrel::record
