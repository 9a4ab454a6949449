// The envelope, and how records of an event come together in one line.

#include "encode/json.h"

#include <string>

#include "catch.h"
#include "encoded.h"
#include "property/strict_json.h"

namespace sorrel::encode {
namespace {

using test::encode_text;
using test::Encoded;

constexpr const char* kCwd = "type=CWD msg=audit(1626352163.720:1234): cwd=\"/\"\n";

std::string without_uid(std::string line) {
  const std::size_t at = line.find("\"EVENT_UID\":\"");
  if (at != std::string::npos) line.replace(at + 13, 32, "UID");
  return line;
}

}  // namespace

TEST_CASE("an event is one line with its envelope first", "[json]") {
  const Encoded encoded = encode_text(kCwd);
  REQUIRE(encoded.json.size() == 1);
  CHECK(without_uid(encoded.json[0]) ==
        R"j({"ID":"1626352163.720:1234","TIME":"2021-07-15T12:29:23.720Z",)j"
        R"j("EVENT_UID":"UID","SCHEMA":1,"CWD":{"cwd":"/"}})j"
        "\n");
}

TEST_CASE("NODE is the record's own, or the configured one", "[json]") {
  CHECK(encode_text(kCwd, {}, "we\"b").json[0].find(R"j("NODE":"we\"b","TIME")j") !=
        std::string::npos);
  const std::string with_node = std::string("node=db%1 ") + kCwd;
  CHECK(encode_text(with_node, {}, "web").json[0].find(R"j("NODE":"db%251","TIME")j") !=
        std::string::npos);
  CHECK(encode_text(kCwd).json[0].find("NODE") == std::string::npos);
}

TEST_CASE("the time key and the host's fields are configured", "[json]") {
  Options options;
  options.time_key = "@timestamp";
  options.host_fields = {{"role", "db"}, {"a\"b", "c\n"}};
  CHECK(without_uid(encode_text(kCwd, options).json[0]) ==
        R"j({"ID":"1626352163.720:1234","@timestamp":"2021-07-15T12:29:23.720Z",)j"
        R"j("EVENT_UID":"UID","SCHEMA":1,"HOST":{"a\"b":"c%0a","role":"db"},"CWD":{"cwd":"/"}})j"
        "\n");
}

TEST_CASE("stamps of all times are written out", "[json]") {
  const auto time_of = [](const std::string& stamp) {
    const Encoded encoded = encode_text("type=CWD msg=audit(" + stamp + "): a=1\n");
    return encoded.json[0].substr(0, encoded.json[0].find(",\"EVENT_UID"));
  };
  CHECK(time_of("0.000:0") == R"j({"ID":"0.000:0","TIME":"1970-01-01T00:00:00.000Z")j");
  CHECK(time_of("951782400.007:5") ==
        R"j({"ID":"951782400.007:5","TIME":"2000-02-29T00:00:00.007Z")j");
  CHECK(time_of("9223372035.999:18446744073709551615") ==
        R"j({"ID":"9223372035.999:18446744073709551615","TIME":"2262-04-11T23:47:15.999Z")j");
  // Fewer digits of the milliseconds than the kernel writes.
  CHECK(time_of("1.5:1") == R"j({"ID":"1.005:1","TIME":"1970-01-01T00:00:01.005Z")j");
}

TEST_CASE("types come in the order of their first records, each once", "[json]") {
  const Encoded encoded = encode_text(
      "type=SYSCALL msg=audit(1.000:1): syscall=1\n"
      "type=PATH msg=audit(1.000:1): item=0\n"
      "type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
      "type=PATH msg=audit(1.000:1): item=1\n"
      "type=CWD msg=audit(1.000:1): cwd=\"/2\"\n"
      "type=NEW msg=audit(1.000:1): a=1\n"
      "type=NEW msg=audit(1.000:1): a=2\n"
      "type=EOE msg=audit(1.000:1): \n");
  REQUIRE(encoded.json.size() == 1);
  const std::string& line = encoded.json[0];
  CHECK(line.substr(line.find("\"SYSCALL\"")) ==
        R"j("SYSCALL":{"syscall":1,"ARGV":[]},"PATH":[{"item":0},{"item":1}],"CWD":{"cwd":"/"},)j"
        R"j("CWD_2":{"cwd":"/2"},"NEW":[{"a":"1"},{"a":"2"}]})j"
        "\n");
  CHECK(test::StrictJson::fault(line).empty());
}

TEST_CASE("an event that has only its end says nothing", "[json]") {
  const Encoded encoded = encode_text("type=EOE msg=audit(1.000:1): \n");
  REQUIRE(encoded.json.size() == 1);
  CHECK(encoded.json[0].empty());
}

TEST_CASE("an event tells that it is incomplete, late or cut", "[json]") {
  Encoded encoded;
  event::Assembler assembler({.max_event_records = 2}, event::TimeBase::live, encoded);
  for (const char* line :
       {"type=SYSCALL msg=audit(1.000:1): a=1",
        "type=EOE msg=audit(1.000:1): ", "type=SYSCALL msg=audit(1.000:1): a=1",
        "type=PATH msg=audit(1.000:1): a=1", "type=PATH msg=audit(1.000:1): a=1"})
    assembler.add(record::parse_line(line));
  assembler.flush();
  REQUIRE(encoded.json.size() == 2);
  CHECK(encoded.json[0].find("INCOMPLETE") == std::string::npos);
  CHECK(encoded.json[1].find(R"j("SCHEMA":1,"INCOMPLETE":"size","DROPPED_RECORDS":1,"PART":1,)j") !=
        std::string::npos);
}

TEST_CASE("annotations stand behind the fields of their records", "[json]") {
  class Annotated final : public event::EventHandler {
   public:
    void on_event(event::Event& event) override {
      event.annotate(0).text("UID", "ro\"ot");
      event.annotate(2).text("OUID", "\xff");
      event.end_annotations();
      const Options options{.prefix = prefix};
      JsonEncoder encoder(options, "");
      const auto out = std::make_unique<char[]>(encoder.bound(event));
      line = {out.get(), encoder.encode(event, {}, out.get())};
    }
    void on_unparsed(const record::Datagram&) override {}
    std::string prefix;
    std::string line;
  };
  Annotated annotated;
  const auto encode = [&] {
    event::Assembler assembler({}, event::TimeBase::stored, annotated);
    for (const char* line :
         {"type=SYSCALL msg=audit(1.000:1): uid=0", "type=PATH msg=audit(1.000:1): item=0",
          "type=PATH msg=audit(1.000:1): item=1 ouid=0"})
      assembler.add(record::parse_line(line));
    assembler.flush();
    return annotated.line.substr(annotated.line.find("\"SYSCALL\""));
  };
  CHECK(encode() == R"j("SYSCALL":{"uid":0,"ARGV":[],"UID":"ro\"ot"},)j"
                    R"j("PATH":[{"item":0},{"item":1,"ouid":0,"OUID":"%ff"}]})j"
                    "\n");
  annotated.prefix = "x.";
  CHECK(encode() == R"j("SYSCALL":{"uid":0,"x.argv":[],"x.uid":"ro\"ot"},)j"
                    R"j("PATH":[{"item":0},{"item":1,"ouid":0,"x.ouid":"%ff"}]})j"
                    "\n");
}

}  // namespace sorrel::encode
