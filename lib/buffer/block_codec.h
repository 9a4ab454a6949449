#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "buffer/block.h"
#include "buffer/segment_cipher.h"
#include "buffer/segment_format.h"

namespace sorrel::buffer {

// Appends a block's header and payload to `out`. `level`: of zstd, 0 is none; a block that packing
// does not make smaller is stored as it is. `cipher` may be null.
void encode_block(const Block& block, std::uint32_t number, int level, const SegmentCipher* cipher,
                  std::string& out);

// The block of a header and its payload (header.stored_bytes bytes). Errors: the payload is
// damaged, was ciphered by another key, or does not hold what its header says.
Result<Block> decode_block(const BlockHeader& header, Lane lane, std::string_view payload,
                           const SegmentCipher* cipher);

}  // namespace sorrel::buffer
