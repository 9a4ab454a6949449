#include "base/arena.h"

#include <cstring>
#include <vector>

#include "catch.h"

namespace sorrel {

TEST_CASE("pieces of an arena stay as they are until it is reset", "[arena]") {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<char*, std::size_t>> pieces;
    for (std::size_t i = 0; i < 300; ++i) {
      const std::size_t size = i * 37 % 900 + (i == 150 ? 3 * Arena::kChunkBytes : 1);
      char* const piece = arena.allocate(size);
      std::memset(piece, static_cast<int>(i % 251), size);
      pieces.emplace_back(piece, size);
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto [piece, size] = pieces[i];
      for (std::size_t at = 0; at < size; ++at)
        REQUIRE(static_cast<unsigned char>(piece[at]) == i % 251);
    }
    arena.reset(round == 1 ? 0 : 8 * Arena::kChunkBytes);
  }
}

TEST_CASE("a piece may be larger than a chunk", "[arena]") {
  Arena arena;
  const std::size_t size = 10 * Arena::kChunkBytes;
  char* const piece = arena.allocate(size);
  std::memset(piece, 'x', size);
  char* const next = arena.allocate(10);
  std::memset(next, 'y', 10);
  CHECK(piece[size - 1] == 'x');
}

}  // namespace sorrel
