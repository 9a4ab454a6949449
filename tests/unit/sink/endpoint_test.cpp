#include "sink/endpoint.h"

#include <set>

#include "catch.h"
#include "sink/endpoint_list.h"

namespace sorrel::sink {

TEST_CASE("an address is a host and a port", "[network]") {
  const struct {
    const char* text;
    const char* host;
    std::uint16_t port;
  } good[] = {
      {"logs.example:6514", "logs.example", 6514},
      {"127.0.0.1:1", "127.0.0.1", 1},
      {"[2001:db8::1]:65535", "2001:db8::1", 65535},
      {"[fe80::1%eth0]:514", "fe80::1%eth0", 514},
      {"a_b-c:10", "a_b-c", 10},
  };
  for (const auto& row : good) {
    CAPTURE(row.text);
    const auto endpoint = parse_endpoint(row.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(endpoint->to_string() == row.text);
  }
  for (const char* bad :
       {"", ":", "a", "a:", ":1", "a:0", "a:65536", "a:-1", "a:1x", "a b:1", "::1:514", "[::1]",
        "[::1:1", "[]:1", "[logs]:1", "http://a:1", "a/b:1", "[::1]x:1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_endpoint(bad));
  }
}

TEST_CASE("an endpoint that failed is left alone for a random time that doubles", "[network]") {
  double random = 0.5;
  EndpointList list(1, {.retry_min_ms = 1'000, .retry_max_ms = 60'000}, [&] { return random; });
  CHECK(list.choose(0).wait_ms == 0);
  std::uint64_t now_ms = 0;
  for (const std::uint64_t limit_ms :
       {2'000u, 4'000u, 8'000u, 16'000u, 32'000u, 60'000u, 60'000u}) {
    list.report(0, false, now_ms);
    CHECK(list.choose(now_ms).wait_ms == limit_ms / 2);
    CHECK(list.choose(now_ms + limit_ms / 2).wait_ms == 0);
    now_ms += limit_ms / 2;
  }
  list.report(0, true, now_ms);
  CHECK(list.choose(now_ms).wait_ms == 0);
  list.report(0, false, now_ms);
  CHECK(list.choose(now_ms).wait_ms == 1'000);  // from the beginning
  // Full jitter: also no time at all.
  random = 0;
  list.report(0, false, now_ms);
  CHECK(list.choose(now_ms).wait_ms == 0);
}

TEST_CASE("a dead endpoint costs the others nothing", "[network]") {
  double random = 0;
  EndpointList list(3, {}, [&] { return random; });
  std::set<std::size_t> chosen;
  for (random = 0; random < 1; random += 0.1) chosen.insert(list.choose(0).index);
  CHECK(chosen == std::set<std::size_t>{0, 1, 2});
  random = 0.99;
  list.report(1, false, 0);
  chosen.clear();
  for (random = 0; random < 1; random += 0.1) {
    const EndpointList::Choice choice = list.choose(1);
    CHECK(choice.wait_ms == 0);
    chosen.insert(choice.index);
  }
  CHECK(chosen == std::set<std::size_t>{0, 2});
  // When its time is over it still comes behind those that work.
  chosen.clear();
  for (random = 0; random < 1; random += 0.1) chosen.insert(list.choose(100'000).index);
  CHECK(chosen == std::set<std::size_t>{0, 2});
  random = 0.99;
  list.report(0, false, 100'000);
  list.report(2, false, 100'000);
  CHECK(list.choose(100'000).index == 1);
}

}  // namespace sorrel::sink
