#include "base/arena.h"

#include <algorithm>
#include <utility>

namespace sorrel {

void Arena::next_chunk(std::size_t size) {
  // A kept chunk that is too small for this piece is passed over until the next reset.
  while (used_chunks_ < chunks_.size() && chunks_[used_chunks_].size < size) ++used_chunks_;
  if (used_chunks_ == chunks_.size()) {
    Chunk chunk;
    chunk.size = std::max(size, kChunkBytes);
    chunk.bytes = std::make_unique_for_overwrite<char[]>(chunk.size);
    chunks_.push_back(std::move(chunk));
  }
  Chunk& chunk = chunks_[used_chunks_++];
  next_ = chunk.bytes.get();
  end_ = next_ + chunk.size;
}

void Arena::reset(std::size_t keep_bytes) {
  std::size_t kept = 0;
  std::size_t count = 0;
  while (count < chunks_.size() && kept + chunks_[count].size <= keep_bytes)
    kept += chunks_[count++].size;
  if (count < chunks_.size()) chunks_.resize(count);
  used_chunks_ = 0;
  next_ = end_ = nullptr;
}

}  // namespace sorrel
