#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "buffer/block.h"

namespace sorrel::buffer {

// Blocks whose memory is used again. A block is a quarter of a megabyte that lives for as long as
// some thread still reads it; taken from and given back to the heap, its pages come fresh from the
// kernel each time, which costs a third of a commit.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  static std::shared_ptr<BlockPool> make() { return std::make_shared<BlockPool>(); }

  // An empty block. It comes back by itself when nobody has it any more, on any thread.
  std::shared_ptr<Block> take();

 private:
  static constexpr std::size_t kMaxSpare = 4;
  static constexpr std::size_t kMaxBytes = 2u << 20;  // of one: a huge one is not kept

  void give_back(std::unique_ptr<Block> block);

  std::mutex mutex_;
  std::vector<std::unique_ptr<Block>> spare_;
};

}  // namespace sorrel::buffer
