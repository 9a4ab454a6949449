#include "sink/http_request.h"

#include "catch.h"
#include "sink/retry_after.h"

namespace sorrel::sink {
namespace {

TEST_CASE("a request's head has what HTTP/1.1 asks for, and no more", "[http]") {
  HttpRequestHead head;
  head.target = "/_bulk?a=b";
  head.host = "logs.example:9200";
  head.content_type = "application/x-ndjson";
  head.content_encoding = "zstd";
  head.headers = {{"Authorization", "Basic YTpi"}};
  head.body_bytes = 12;
  std::string out = "before";
  REQUIRE(append_request_head(out, head));
  CHECK(out ==
        "beforePOST /_bulk?a=b HTTP/1.1\r\nHost: logs.example:9200\r\n"
        "User-Agent: sorrel/" SORREL_VERSION
        "\r\nContent-Type: application/x-ndjson\r\n"
        "Content-Encoding: zstd\r\nContent-Length: 12\r\nAuthorization: Basic YTpi\r\n\r\n");
}

TEST_CASE("nothing from a configuration or a file can add a header", "[http]") {
  HttpRequestHead good;
  good.target = "/";
  good.host = "h";
  std::string out;
  for (const char* target : {"", "x", "/a b", "/a\r\nX: y", "/\xc3\xa4"}) {
    HttpRequestHead head = good;
    head.target = target;
    CAPTURE(target);
    CHECK_FALSE(append_request_head(out, head));
  }
  for (const char* host : {"", "a\r\nX: y", "a\n"}) {
    HttpRequestHead head = good;
    head.host = host;
    CHECK_FALSE(append_request_head(out, head));
  }
  const std::pair<const char*, const char*> headers[] = {
      {"", "x"},     {"A B", "x"},  {"A:", "x"}, {"A", "x\r\ny"},
      {"A", "x\ny"}, {"A", "\x01"}, {"A\n", ""}};
  for (const auto& [name, value] : headers) {
    HttpRequestHead head = good;
    head.headers = {{name, value}};
    CAPTURE(name, value);
    CHECK_FALSE(append_request_head(out, head));
  }
  CHECK(out.empty());
}

TEST_CASE("Retry-After is read as seconds and as a date in its three forms", "[http]") {
  constexpr std::int64_t kNow = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT
  const std::pair<const char*, std::int64_t> good[] = {
      {"0", 0},
      {"120", 120},
      {"99999999999999999999", 10LL * 365 * 86'400},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
      {"Sun, 06 Nov 1994 08:50:07 GMT", 30},
      {"Sat, 05 Nov 1994 08:50:07 GMT", 0},
      {"Sunday, 06-Nov-94 08:49:47 GMT", 10},
      {"Sun Nov  6 08:49:40 1994", 3},
      {"Wed Nov 16 08:49:37 1994", 864'000},
  };
  for (const auto& [text, seconds] : good) {
    CAPTURE(text);
    const auto read = parse_retry_after(text, kNow);
    REQUIRE(read);
    CHECK(read->count() == seconds);
  }
  for (const char* text :
       {"", " ", "-1", "1.5", "soon", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 30 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun", ",",
        "Sunday, 06-Xxx-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retry_after(text, kNow));
  }
  // Two digits: a year that would be more than 50 years ahead is past.
  constexpr std::int64_t kNow2026 = 1'795'000'000;
  CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", kNow2026)->count() == 0);
  CHECK(parse_retry_after("Monday, 06-Nov-28 08:49:37 GMT", kNow2026)->count() > 0);
}

}  // namespace
}  // namespace sorrel::sink
