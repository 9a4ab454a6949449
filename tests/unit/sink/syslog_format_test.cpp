#include "sink/syslog_format.h"

#include <simdjson.h>

#include "catch.h"

namespace sorrel::sink {
namespace {

buffer::FrameHeader header(buffer::Format format = buffer::Format::json) {
  buffer::FrameHeader made;
  made.event_uid[0] = 0xdf4fa9709899d5d8;
  made.event_uid[1] = 0x3cd63b537089be53;
  made.time_ns = 1'626'352'163'720'000'000;
  made.format = format;
  return made;
}

std::vector<std::string> messages(const SyslogFormatOptions& options, std::string_view bytes,
                                  buffer::Format format = buffer::Format::json) {
  SyslogFormat syslog(options);
  std::vector<std::string> all;
  syslog.messages(header(format), bytes,
                  [&](std::string_view message) { all.emplace_back(message); });
  return all;
}

const std::string kStart =
    "<110>1 2021-07-15T12:29:23.720Z web-1 sorrel - audit [event@32473 "
    "uid=\"df4fa9709899d5d83cd63b537089be53\"] ";

std::string body_of(const std::string& message) {
  return message.substr(message.find("] ") + 2);
}

}  // namespace

TEST_CASE("an event is one message of RFC 5424", "[syslog]") {
  CHECK(messages({.host = "web-1"}, "{\"ID\":\"1.0:1\"}\n") ==
        std::vector<std::string>{kStart + "{\"ID\":\"1.0:1\"}"});
  // Nothing that would end the header early.
  const auto odd = messages({.host = "a b\n", .app = "", .facility = 0}, "{}\n");
  CHECK(odd.front().starts_with("<6>1 2021-07-15T12:29:23.720Z a?b? - - audit ["));
  CHECK(messages({}, "{}\n").front().find("Z - sorrel - audit") != std::string::npos);
}

TEST_CASE("each record of auditd's text is a message", "[syslog]") {
  const auto all = messages({.host = "web-1"}, "type=SYSCALL msg=audit(1.0:1): a\ntype=EOE msg=\n",
                            buffer::Format::raw);
  CHECK(all == std::vector<std::string>{kStart + "type=SYSCALL msg=audit(1.0:1): a",
                                        kStart + "type=EOE msg="});
}

TEST_CASE("what is too long goes in parts that are valid JSON and give the event back",
          "[syslog]") {
  std::string event = "{\"a\":\"";
  for (int i = 0; i < 400; ++i) event += i % 3 == 0 ? "\\\"" : (i % 3 == 1 ? "\xc3\xa4" : "\\\\x");
  event += "\"}";
  const std::size_t most = GENERATE(300, 401, 1'000);
  const auto all = messages({.host = "web-1", .max_message_bytes = most}, event + "\n");
  CHECK(all.size() > 1);
  std::string together;
  simdjson::dom::parser parser;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].size() <= std::max<std::size_t>(most, kStart.size() + 256));
    const std::string body = body_of(all[i]);
    const auto part = parser.parse(body);
    REQUIRE(part.error() == simdjson::SUCCESS);
    CHECK(std::string_view(part["EVENT_UID"]) == "df4fa9709899d5d83cd63b537089be53");
    CHECK(std::uint64_t(part["PART"]) == i + 1);
    CHECK(std::uint64_t(part["PARTS"]) == all.size());
    together += std::string_view(part["JSON"]);
  }
  CHECK(together == event);
}

TEST_CASE("a long line of text is cut into pieces", "[syslog]") {
  const std::string line(1'000, 'x');
  const auto all =
      messages({.host = "", .max_message_bytes = 400}, line + "\n", buffer::Format::raw);
  std::string together;
  for (const std::string& message : all) together += body_of(message);
  CHECK(together == line);
  CHECK(all.size() > 2);
}

}  // namespace sorrel::sink
