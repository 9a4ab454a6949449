#include "base/serial_text.h"

#include <cstdint>
#include <string>

#include "catch.h"

namespace sorrel {
namespace {

std::string text_of(SerialText& serials, std::uint64_t serial) {
  char out[SerialText::kRoom];
  return {out, serials.put(serial, out)};
}

}  // namespace

TEST_CASE("serials are written as decimal text, whatever came before", "[base]") {
  SerialText serials;
  for (const std::uint64_t serial :
       {std::uint64_t{3'172'001}, std::uint64_t{3'172'002}, std::uint64_t{7}, std::uint64_t{99},
        std::uint64_t{100}, std::uint64_t{0}, std::uint64_t{10}, UINT64_MAX, std::uint64_t{999'999},
        std::uint64_t{1'000'000}, UINT64_MAX})
    CHECK(text_of(serials, serial) == std::to_string(serial));
  for (std::uint64_t serial = 0; serial < 1200; ++serial)
    REQUIRE(text_of(serials, serial) == std::to_string(serial));
}

}  // namespace sorrel
