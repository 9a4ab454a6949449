#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "buffer/block.h"
#include "buffer/segment_cipher.h"
#include "buffer/segment_format.h"

namespace sorrel::buffer {

// Makes what is written of blocks. Keeps its memory from block to block: zstd's alone is a
// megabyte, and fresh pages for each block would cost more than packing it.
class BlockEncoder {
 public:
  // `level`: of zstd, 0 is none; a block that packing does not make smaller is stored as it is.
  explicit BlockEncoder(int level);
  BlockEncoder(const BlockEncoder&) = delete;
  BlockEncoder& operator=(const BlockEncoder&) = delete;
  ~BlockEncoder();

  // A block's header and payload are `head` and behind it `tail`. Valid until the next encode(),
  // and as long as the block.
  struct Encoded {
    std::string_view head;
    std::string_view tail;

    std::size_t size() const noexcept { return head.size() + tail.size(); }
  };
  // `cipher` may be null.
  Encoded encode(const Block& block, std::uint32_t number, const SegmentCipher* cipher);

 private:
  // A string that only grows, since resize() clears what it adds.
  static char* room(std::string& memory, std::size_t size);
  std::string_view pack(std::string_view plain);

  struct Packer;
  const int level_;
  std::unique_ptr<Packer> packer_;
  std::string head_;
  std::string plain_;
  std::string packed_;
};

// The block of a header and its payload (header.stored_bytes bytes). Errors: the payload is
// damaged, was ciphered by another key, or does not hold what its header says.
Result<Block> decode_block(const BlockHeader& header, Lane lane, std::string payload,
                           const SegmentCipher* cipher);

}  // namespace sorrel::buffer
