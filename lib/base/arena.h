#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sorrel {

// Memory that is handed out piece by piece and taken back all at once. reset() keeps the chunks, so
// an arena that is used again and again stops allocating. Pieces are not aligned: it is for bytes.
class Arena {
 public:
  static constexpr std::size_t kChunkBytes = 8192;

  // `size` bytes that stay where they are until reset(). Never null.
  char* allocate(std::size_t size) {
    if (static_cast<std::size_t>(end_ - next_) < size) [[unlikely]]
      next_chunk(size);
    char* piece = next_;
    next_ += size;
    return piece;
  }

  // Takes all pieces back. Chunks beyond `keep_bytes` go back to the system.
  void reset(std::size_t keep_bytes = 8 * kChunkBytes);

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  void next_chunk(std::size_t size);

  std::vector<Chunk> chunks_;
  std::size_t used_chunks_ = 0;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace sorrel
