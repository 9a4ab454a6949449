#pragma once

#include <cstddef>

namespace sorrel::host {

// How often the test program has asked for memory so far.
std::size_t allocation_count() noexcept;

}  // namespace sorrel::host
