#include "base/short_copy.h"

#include <cstddef>
#include <string>

#include "catch.h"

namespace sorrel {

TEST_CASE("a short copy is exact for every size", "[base]") {
  constexpr std::size_t kMost = 80;
  std::string from;
  for (std::size_t i = 0; i < kMost; ++i) from += static_cast<char>('!' + i);
  for (std::size_t size = 0; size <= kMost; ++size) {
    // Of its own allocation each: a sanitizer sees what is read behind it.
    const std::string exact = from.substr(0, size);
    std::string out(kMost + 2, '\0');
    CHECK(copy_short(exact.data(), size, out.data() + 1) == out.data() + 1 + size);
    REQUIRE(out == '\0' + exact + std::string(kMost + 1 - size, '\0'));
  }
}

}  // namespace sorrel
