#include "event/event.h"

#include <string>

#include "catch.h"

namespace sorrel::event {
namespace {

void add(Event& event, record::Parser& parser, std::string_view line) {
  const record::Datagram datagram = record::parse_line(line);
  REQUIRE(!datagram.payload.empty());
  event.add(datagram, std::string_view("audit(1.000:1): ").size(), parser);
}

}  // namespace

TEST_CASE("an event owns the bytes of its records", "[event]") {
  Event event;
  record::Parser parser;
  {
    std::string line = "type=CWD msg=audit(1.000:1): cwd=\"/tmp\"";
    add(event, parser, line);
    line.assign(line.size(), 'x');
  }
  REQUIRE(event.records().size() == 1);
  const Record& r = event.records()[0];
  CHECK(r.line == "type=CWD msg=audit(1.000:1): cwd=\"/tmp\"");
  CHECK(r.body == "cwd=\"/tmp\"");
  CHECK(r.from_text);
  REQUIRE(event.fields(r).size() == 1);
  CHECK(event.fields(r)[0].value() == "/tmp");
}

TEST_CASE("a line keeps the carriage return that its body lacks", "[event]") {
  Event event;
  record::Parser parser;
  add(event, parser, "type=CWD msg=audit(1.000:1): cwd=\"/tmp\"\r\n");
  add(event, parser, std::string_view("type=CWD msg=audit(1.000:1): a=1\r\0\0", 35));
  CHECK(event.records()[0].line == "type=CWD msg=audit(1.000:1): cwd=\"/tmp\"\r");
  CHECK(event.records()[0].body == "cwd=\"/tmp\"");
  CHECK(event.records()[1].line == std::string_view("type=CWD msg=audit(1.000:1): a=1\r\0\0", 35));
  CHECK(event.fields(event.records()[1])[0].value() == "1");
}

TEST_CASE("records of one type are linked in their order", "[event]") {
  Event event;
  record::Parser parser;
  for (const char* type : {"PATH", "CWD", "PATH", "NEW_A", "NEW_B", "NEW_A", "PATH"})
    add(event, parser, "type=" + std::string(type) + " msg=audit(1.000:1): a=1");
  const auto& records = event.records();
  CHECK(records[0].first_of_type);
  CHECK(records[0].next_same_type == 2);
  CHECK(records[2].next_same_type == 6);
  CHECK(!records[2].first_of_type);
  CHECK(records[6].next_same_type == Record::kNone);
  // Names that no table has share one number, and are told apart by name.
  CHECK(records[3].next_same_type == 5);
  CHECK(records[4].first_of_type);
  CHECK(records[4].next_same_type == Record::kNone);
  CHECK(records[5].type_name == "NEW_A");
  CHECK(event.has_type(record::type::kPath));
  CHECK(!event.has_type(record::type::kSyscall));
}

TEST_CASE("a record with another body is as if it had come so", "[event]") {
  Event event;
  Event expected;
  record::Parser parser;
  const std::string start = "node=n type=NEW_A msg=audit(1.000:1): ";
  const auto add_line = [&](Event& to, const std::string& line) {
    to.add(record::parse_line(line), std::string_view("audit(1.000:1): ").size(), parser);
  };
  add_line(event, start + "a=1 b=\"secret\"\r");
  add_line(event, start + "a=2");
  event.annotate(0).text("UID", "root");
  const std::string body(200, 'x');
  event.replace_body(0, "a=1 c=3 b=\"" + body + '"', parser);
  add_line(event, start + "a=3");
  add_line(expected, start + "a=1 c=3 b=\"" + body + "\"\r");
  add_line(expected, start + "a=2");
  add_line(expected, start + "a=3");
  event.end_annotations();

  REQUIRE(event.records().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const Record& got = event.records()[i];
    const Record& wanted = expected.records()[i];
    CHECK(got.line == wanted.line);
    CHECK(got.body == wanted.body);
    CHECK(got.type_name == wanted.type_name);
    CHECK(got.next_same_type == wanted.next_same_type);
    CHECK(got.first_of_type == wanted.first_of_type);
    REQUIRE(event.fields(got).size() == expected.fields(wanted).size());
    for (std::size_t f = 0; f < event.fields(got).size(); ++f) {
      CHECK(event.fields(got)[f].key() == expected.fields(wanted)[f].key());
      CHECK(event.fields(got)[f].value() == expected.fields(wanted)[f].value());
    }
  }
  CHECK(event.bytes() == expected.bytes());
  CHECK(event.annotations(event.records()[0]).size() == 1);
}

TEST_CASE("a record of the kernel's own form can be given an empty body", "[event]") {
  Event event;
  record::Parser parser;
  record::Datagram datagram;
  datagram.type = record::type::kTty;
  datagram.payload = "audit(1.000:1): tty data=6162";
  event.add(datagram, std::string_view("audit(1.000:1): ").size(), parser);
  const std::size_t before = event.bytes();
  event.replace_body(0, "", parser);
  CHECK(event.records()[0].line == "audit(1.000:1): ");
  CHECK(event.fields(event.records()[0]).empty());
  CHECK(event.bytes() < before);
}

TEST_CASE("a cleared event is as new", "[event]") {
  Event event;
  record::Parser parser;
  add(event, parser, "type=PATH msg=audit(1.000:1): a=1");
  event.annotate(0).text("UID", "root");
  event.part = 3;
  event.incomplete = Incomplete::size;
  event.dropped_records = 5;
  event.has_eoe = true;
  event.node = event.copy("web");
  CHECK(event.bytes() > 0);
  event.clear();
  CHECK(event.records().empty());
  CHECK(event.annotations().empty());
  CHECK(event.bytes() == 0);
  CHECK(event.part == 0);
  CHECK(event.incomplete == Incomplete::no);
  CHECK(event.dropped_records == 0);
  CHECK(!event.has_eoe);
  CHECK(event.node.empty());
  CHECK(!event.has_type(record::type::kPath));
  add(event, parser, "type=PATH msg=audit(1.000:1): a=2");
  CHECK(event.records()[0].first_of_type);
  CHECK(event.fields(event.records()[0])[0].value() == "2");
  event.clear();
  event.release_memory();
  add(event, parser, "type=PATH msg=audit(1.000:1): a=3");
  CHECK(event.fields(event.records()[0])[0].value() == "3");
}

}  // namespace sorrel::event
