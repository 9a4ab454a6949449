#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// What a segment is on disk: a header, then blocks, each a header and a payload. All numbers are
// little-endian. A payload holds, once deciphered and unpacked, an entry of kEntryBytes for each
// frame and then the frames' bytes. docs/buffer.md has the layout.
namespace sorrel::buffer {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 128;
inline constexpr std::size_t kBlockHeaderBytes = 48;
inline constexpr std::size_t kEntryBytes = 48;
inline constexpr std::size_t kSaltBytes = 32;
inline constexpr std::size_t kTagBytes = 16;  // of AES-GCM, at the payload's end
// A block that claims more is not believed. A frame may be large, but not that large.
inline constexpr std::uint32_t kMaxBlockBytes = 64u << 20;

struct SegmentHeader {
  std::uint32_t lane = 0;
  bool is_encrypted = false;
  std::uint64_t first_sequence = 0;
  std::uint64_t created_ns = 0;
  std::array<unsigned char, kSaltBytes> salt{};
};

enum class Codec : std::uint8_t { none, zstd };

struct BlockHeader {
  std::uint64_t first_sequence = 0;
  std::uint32_t count = 0;         // of frames, at least 1
  std::uint32_t number = 0;        // in its segment, from 0; the nonce
  std::uint32_t stored_bytes = 0;  // of the payload, as it is in the file
  std::uint32_t plain_bytes = 0;   // deciphered and unpacked
  std::uint32_t payload_crc = 0;   // CRC32C of the stored payload
  Codec codec = Codec::none;

  std::uint64_t end_sequence() const noexcept { return first_sequence + count; }
};

void put_segment_header(const SegmentHeader& header, char* out);  // kSegmentHeaderBytes
// Errors: not a segment's header, damaged, or of a version that this program does not know.
Result<SegmentHeader> parse_segment_header(std::string_view bytes);

void put_block_header(const BlockHeader& header, char* out);  // kBlockHeaderBytes
// Nothing when the bytes are no header, or a damaged one.
std::optional<BlockHeader> parse_block_header(std::string_view bytes);
// The payload as it is stored has the checksum that its header says.
bool is_intact(const BlockHeader& header, std::string_view payload) noexcept;
// What the cipher authenticates beside the payload: the header without the checksums.
std::string authenticated_part(const BlockHeader& header);

// The place of the next header in `bytes` that parse_block_header() accepts, at or after `from`;
// npos when there is none.
std::size_t find_block_header(std::string_view bytes, std::size_t from);

// "00000000000000000042.0001.seg": sorted by name is sorted by sequence, then by age.
struct SegmentName {
  std::uint64_t first_sequence = 0;
  std::uint32_t generation = 0;  // higher: written later for the same sequence, and the valid one

  friend auto operator<=>(const SegmentName&, const SegmentName&) = default;
};
std::string segment_file_name(const SegmentName& name);
std::optional<SegmentName> parse_segment_name(std::string_view text);

}  // namespace sorrel::buffer
