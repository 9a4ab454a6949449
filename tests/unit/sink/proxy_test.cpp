#include "sink/proxy.h"

#include "catch.h"

namespace sorrel::sink {

TEST_CASE("a proxy is asked for a tunnel by name and port", "[network]") {
  CHECK(connect_request({"logs.example", 6514}) ==
        "CONNECT logs.example:6514 HTTP/1.1\r\nHost: logs.example:6514\r\n\r\n");
  CHECK(connect_request({"::1", 1}).starts_with("CONNECT [::1]:1 HTTP/1.1\r\n"));
}

TEST_CASE("its answer is waited for, and told when it is a no", "[network]") {
  const std::string good = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n";
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto part = read_connect_answer(std::string_view(good).substr(0, size));
    REQUIRE(part);
    CHECK_FALSE(*part);
  }
  CHECK(**read_connect_answer(good + "tls") == good.size());
  CHECK(**read_connect_answer("HTTP/1.0 201\r\n\r\n") == 16);
  const auto refused = read_connect_answer("HTTP/1.1 407 Proxy\x1b[31m\r\nA: b\r\n\r\n");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "the proxy refuses: HTTP/1.1 407 Proxy?[31m");
  CHECK_FALSE(read_connect_answer("SSH-2.0-OpenSSH"));
  CHECK_FALSE(read_connect_answer("HTTP/1.1\r\n\r\n"));
  CHECK_FALSE(read_connect_answer("HTTP/1.1 200 " + std::string(kMaxProxyHead, 'x')));
}

}  // namespace sorrel::sink
