#include "base/exception_text.h"

#include <stdexcept>

#include "catch.h"

namespace sorrel {

TEST_CASE("an exception's text is what it says", "[base]") {
  CHECK(text_of(std::make_exception_ptr(std::runtime_error("it broke"))) == "it broke");
  CHECK(text_of(std::make_exception_ptr(42)) == "unknown");
  CHECK(text_of(nullptr) == "none");
}

}  // namespace sorrel
