#pragma once

#include <cstddef>

namespace sorrel::enrich {

// Room for any interpretation.
inline constexpr std::size_t kInterpretationSize = 1024;
struct InterpretationText {
  char text[kInterpretationSize];
};

}  // namespace sorrel::enrich
