#include "buffer/block_pool.h"

#include <utility>

namespace sorrel::buffer {

std::shared_ptr<Block> BlockPool::take() {
  std::unique_ptr<Block> block;
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      block = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (!block) block = std::make_unique<Block>();
  return {block.release(), [pool = shared_from_this()](Block* returned) {
            pool->give_back(std::unique_ptr<Block>(returned));
          }};
}

void BlockPool::give_back(std::unique_ptr<Block> block) {
  if (block->bytes.capacity() > kMaxBytes) return;
  block->frames.clear();
  block->bytes.clear();
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kMaxSpare) spare_.push_back(std::move(block));
}

}  // namespace sorrel::buffer
