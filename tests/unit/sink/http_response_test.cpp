#include "sink/http_response.h"

#include <optional>
#include <string>

#include "catch.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxBody = 64;

// A response read in pieces of this size; nothing when it is not complete. An error ends the test.
std::optional<HttpResponse> read(std::string_view bytes, std::size_t piece,
                                 bool is_closed = false) {
  HttpResponseParser parser(kMaxBody);
  while (!bytes.empty() && !parser.is_done()) {
    const auto taken = parser.feed(bytes.substr(0, piece));
    REQUIRE(taken);
    REQUIRE(*taken <= std::min(piece, bytes.size()));
    bytes.remove_prefix(*taken);
  }
  if (is_closed && !parser.is_done()) REQUIRE(parser.finish());
  if (!parser.is_done()) return std::nullopt;
  return parser.take();
}

std::string refusal_of(std::string_view bytes) {
  HttpResponseParser parser(kMaxBody);
  const auto taken = parser.feed(bytes);
  if (!taken) return taken.error().message;
  const Status ended = parser.finish();
  return ended ? "" : ended.error().message;
}

TEST_CASE("a response is read whole, whatever the pieces are that it comes in", "[http]") {
  struct Row {
    const char* bytes;
    std::uint16_t status;
    const char* body;
    bool keeps_connection;
    bool is_closed;
  };
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true, false},
      {"HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello", 200, "hello", true, false},
      {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "ok", true, false},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true,
       false},
      {"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 503, "no", false,
       false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false, false},
      {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true,
       false},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "5\r\nhello\r\nA;x=y\r\n, you ther\r\n01\r\ne\r\n0\r\n\r\n",
       200, "hello, you there", true, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nDigest: x\r\n\r\n",
       200, "ok", true, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: "
       "9\r\n\r\n2\r\nok\r\n0\r\n\r\n",
       200, "ok", false, false},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx",
       201, "x", true, false},
  };
  for (const Row& row : rows) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, SIZE_MAX}) {
      CAPTURE(row.bytes, piece);
      const auto response = read(row.bytes, piece, row.is_closed);
      REQUIRE(response);
      CHECK(response->status == row.status);
      CHECK(response->body == row.body);
      CHECK(response->keeps_connection == row.keeps_connection);
    }
  }
}

TEST_CASE("the headers that matter are kept", "[http]") {
  const auto response = read(
      "HTTP/1.1 429 Slow\r\nRetry-After:  7 \r\nContent-Type: text/plain\r\nX-Other: y\r\n"
      "Set-Cookie: node=a; Path=/; Secure\r\nset-cookie: s=1\r\nContent-Length: 0\r\n\r\n",
      SIZE_MAX);
  REQUIRE(response);
  CHECK(response->retry_after == "7");
  CHECK(response->content_type == "text/plain");
  CHECK(response->cookies == "node=a; s=1");
}

TEST_CASE("bytes of the next response are left alone", "[http]") {
  HttpResponseParser parser(kMaxBody);
  const std::string first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
  const std::string second = "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nb";
  CHECK(parser.is_untouched());
  const auto taken = parser.feed(first + second);
  REQUIRE(taken);
  CHECK(*taken == first.size());
  CHECK_FALSE(parser.is_untouched());
  CHECK(parser.take().body == "a");
  CHECK(parser.is_untouched());
  REQUIRE(parser.feed(second));
  REQUIRE(parser.is_done());
  const HttpResponse response = parser.take();
  CHECK(response.status == 500);
  CHECK(response.body == "b");
}

TEST_CASE("what is no response, or too much of one, is an error that says why", "[http]") {
  const std::string status = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = status + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string many(HttpResponseParser::kMaxHeadBytes, 'x');
  std::string interim;
  while (interim.size() < HttpResponseParser::kMaxHeadBytes) interim += "HTTP/1.1 100 C\r\n\r\n";
  const std::pair<std::string, const char*> rows[] = {
      {"\x15\x03\x01\x02\x02\n", "is this the collector's HTTP port"},
      {"HTTP/2 200 OK\r\n\r\n", "its first line"},
      {"HTTP/1.1 20 OK\r\n\r\n", "its first line"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "its first line"},
      {"HTTP/1.1 099 OK\r\n\r\n", "its first line"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "changes the protocol"},
      {status + "no colon\r\n\r\n", "a header is"},
      {status + "Name : x\r\n\r\n", "a header is"},
      {status + "A: b\r\n folded\r\n\r\n", "a header is"},
      {status + ": x\r\n\r\n", "a header is"},
      {status + "Content-Length: -1\r\n\r\n", "length is unclear"},
      {status + "Content-Length: 1, 1\r\n\r\n", "length is unclear"},
      {status + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "length is unclear"},
      {status + "Content-Length: 99999999999999999999\r\n\r\n", "length is unclear"},
      {status + "Content-Length: 65\r\n\r\n", "at most 64 are read"},
      {status + "Transfer-Encoding: gzip, chunked\r\n\r\n", "encoded as"},
      {status + "Content-Encoding: gzip\r\n\r\n", "compressed"},
      {status + "\r\n" + std::string(65, 'x'), "larger than 64"},
      {chunked + "x\r\n", "size of a chunk"},
      {chunked + "-1\r\n", "size of a chunk"},
      {chunked + "10000000000000000\r\n", "size of a chunk"},
      {chunked + "1\r\nab\r\n", "longer than its size"},
      {chunked + "41\r\n" + std::string(65, 'x'), "larger than 64"},
      {status + many, "headers are larger"},
      {chunked + "0\r\n" + many, "headers are larger"},
      {interim, "headers are larger"},
      {"", "before it answered"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", "within its answer"},
      {chunked + "2\r\nok\r\n", "within its answer"},
  };
  for (const auto& [bytes, why] : rows) {
    CAPTURE(bytes.substr(0, 100));
    CHECK_THAT(refusal_of(bytes), Catch::Matchers::Contains(why));
  }
}

}  // namespace
}  // namespace sorrel::sink
