#include "sink/relp_frame.h"

#include "catch.h"

namespace sorrel::sink {

TEST_CASE("RELP frames are read as they come, in pieces too", "[relp]") {
  const struct {
    const char* bytes;
    std::uint32_t number;
    const char* command;
    const char* data;
  } rows[] = {
      {"1 rsp 6 200 OK\n", 1, "rsp", "200 OK"},
      {"999999999 rsp 6 200 OK\n", 999'999'999, "rsp", "200 OK"},
      {"2 rsp 93 200 OK\nrelp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\n"
       "commands=syslog\n",
       2, "rsp",
       "200 OK\nrelp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\n"
       "commands=syslog"},
      {"0 serverclose 0\n", 0, "serverclose", ""},
      {"0 serverclose 0 \n", 0, "serverclose", ""},
      {"3 rsp 3 a\nb\n", 3, "rsp", "a\nb"},
  };
  for (const auto& row : rows) {
    const std::string_view bytes = row.bytes;
    CAPTURE(bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto part = parse_relp_frame(bytes.substr(0, size));
      REQUIRE(part);
      CHECK_FALSE(*part);
    }
    const std::string more = std::string(bytes) + "4 rsp";
    const auto frame = parse_relp_frame(more);
    REQUIRE(frame);
    REQUIRE(*frame);
    CHECK((*frame)->number == row.number);
    CHECK((*frame)->command == row.command);
    CHECK((*frame)->data == row.data);
    CHECK((*frame)->size == bytes.size());
  }
}

TEST_CASE("what is no RELP is refused at its first wrong byte", "[relp]") {
  for (const char* bytes :
       {" ", "x", "HTTP/1.1 400 Bad Request\r\n", "1234567890 rsp 0\n", "1  rsp 0\n", "1 rsp x",
        "1 rsp 65537 ", "1 rsp 3 abcd", "1 rsp 3\nabc\n", "1 rsp 0 x",
        "1 abcdefghijabcdefghijabcdefghijabc 0\n", "1 rsp 1234567890 ", "-1 rsp 0\n"}) {
    CAPTURE(bytes);
    CHECK_FALSE(parse_relp_frame(bytes));
  }
}

TEST_CASE("a frame that is written is read back", "[relp]") {
  std::string bytes;
  append_relp_frame(7, "syslog", "<110>1 - text\nwith a line break", bytes);
  append_relp_frame(8, "close", "", bytes);
  CHECK(bytes == "7 syslog 31 <110>1 - text\nwith a line break\n8 close 0\n");
  const auto frame = parse_relp_frame(bytes);
  REQUIRE(frame);
  CHECK((*frame)->data == "<110>1 - text\nwith a line break");
}

TEST_CASE("the code of an answer", "[relp]") {
  CHECK(relp_code("200 OK") == 200);
  CHECK(relp_code("500 no") == 500);
  CHECK(relp_code("200\nx") == 200);
  CHECK(relp_code("200") == 200);
  for (const char* bad : {"", "20", "2000", "abc", "-20 OK"}) CHECK_FALSE(relp_code(bad));
}

}  // namespace sorrel::sink
