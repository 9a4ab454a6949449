#include "record/stamp.h"

#include <cstdint>
#include <random>
#include <string>

#include "catch.h"

namespace sorrel::record {
namespace {

struct Good {
  std::string_view payload;
  EventId id;
  std::string_view body;
};

}  // namespace

TEST_CASE("a stamp gives the event's id and the body", "[stamp]") {
  const auto [payload, id, body] = GENERATE(values<Good>(
      {{"audit(1626352163.720:114): arch=c000003e", {1626352163, 114, 720}, "arch=c000003e"},
       {"audit(1626352163.720:114): ", {1626352163, 114, 720}, ""},
       {"audit(1626352163.720:114):", {1626352163, 114, 720}, ""},
       {"audit(1.000:2):pid=1", {1, 2, 0}, "pid=1"},
       {"audit(1.000:2):  two blanks", {1, 2, 0}, " two blanks"},
       {"audit(1.5:2): x", {1, 2, 5}, "x"},
       {"audit(1.05:2): x", {1, 2, 5}, "x"},
       {"audit(0.000:0): ", {0, 0, 0}, ""},
       {"audit(0001.999:4294967295): x", {1, 4294967295, 999}, "x"},
       {"audit(1.000:18446744073709551615): x", {1, UINT64_MAX, 0}, "x"},
       {"audit(1.000:0000000000000000000000007): x", {1, 7, 0}, "x"},
       {"audit(9223372035.999:1): x", {kMaxStampSeconds, 1, 999}, "x"}}));
  INFO(payload);
  EventId got;
  std::string_view rest = "-";
  CHECK(parse_stamp(payload, got, rest));
  CHECK(got == id);
  CHECK(rest == body);
}

TEST_CASE("a malformed stamp is refused and changes nothing", "[stamp]") {
  const std::string_view payload =
      GENERATE(as<std::string_view>{}, "", "a", "audit", "audit(", "audit()",
               "audit():", "audit(.:):", "audit(1:2): x", "audit(1.000): x", "audit(1.000:): x",
               "audit(.000:1): x", "audit(1.:1): x", "audit(1.0000:1): x", "audit(1.1000:1): x",
               "audit(1.000:1) x", "audit(1.000:1", "audit(1.000:1)", "audit(1.000:1 ): x",
               "audit( 1.000:1): x", "audit(-1.000:1): x", "audit(+1.000:1): x",
               "audit(1.-00:1): x", "audit(1.000:-1): x", "audit(1.000:18446744073709551616): x",
               "audit(1.000:99999999999999999999): x", "audit(1.000:184467440737095516150): x",
               "audit(9223372036.000:1): x", "audit(9223372036854775807.0:1): x",
               "audit(18446744073709551617.000:1): x", "audit[1.000:1]: x", "Audit(1.000:1): x",
               " audit(1.000:1): x", "audit(1,000:1): x", "audit(0x1.000:1): x",
               "audit(09/11/2020 12:00:00.123:45) : x", "audit(1.\xb2\xb3:1): x",
               std::string_view("audit(1.000\0:1): x", 18));
  INFO(payload);
  EventId id{7, 8, 9};
  std::string_view body = "kept";
  CHECK_FALSE(parse_stamp(payload, id, body));
  CHECK(id == EventId{7, 8, 9});
  CHECK(body == "kept");
}

TEST_CASE("every cut of a stamp is refused or complete", "[stamp]") {
  const std::string whole = "audit(1626352163.720:114):";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees a read behind its end.
    const std::string cut = whole.substr(0, size);
    EventId id;
    std::string_view body;
    CHECK_FALSE(parse_stamp(cut, id, body));
  }
}

TEST_CASE("one changed byte never breaks the stamp's reader", "[stamp]") {
  std::mt19937 random(20260723);
  const std::string whole = "audit(1626352163.720:114): a=1";
  for (int round = 0; round < 20000; ++round) {
    std::string changed = whole;
    changed[random() % changed.size()] = static_cast<char>(random());
    EventId id;
    std::string_view body;
    if (!parse_stamp(changed, id, body)) continue;
    REQUIRE(id.milliseconds <= 999);
    REQUIRE(id.seconds <= kMaxStampSeconds);
    REQUIRE(body.data() + body.size() == changed.data() + changed.size());
  }
}

}  // namespace sorrel::record
