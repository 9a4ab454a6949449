#pragma once

#include <cstddef>
#include <cstdint>

// Counts what operator new gives out, for the whole of a test program that links
// counted_memory.cpp. The data path calls malloc() in no other way.
namespace sorrel::test {

struct CountedMemory {
  std::uint64_t allocations = 0;  // since the program began
  std::size_t live_bytes = 0;
  std::size_t peak_bytes = 0;  // of live_bytes, since reset_peak()
};
CountedMemory counted_memory() noexcept;
void reset_peak() noexcept;

}  // namespace sorrel::test
