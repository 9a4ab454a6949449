#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sorrel {

void check_failed(const char* condition, const char* message, const char* file, int line) noexcept {
  std::fprintf(stderr, "sorrel: broken invariant at %s:%d: %s (%s)\n", file, line, message,
               condition);
  std::abort();
}

}  // namespace sorrel
