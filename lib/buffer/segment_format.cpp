#include "buffer/segment_format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "buffer/crc32c.h"
#include "buffer/little_endian.h"

namespace sorrel::buffer {
namespace {

constexpr char kSegmentMagic[9] = "SORRELSG";
constexpr char kBlockMagic[5] = "SBLK";
constexpr std::uint32_t kEncrypted = 1;

// Offsets in a segment's header.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kFlagsAt = 12;
constexpr std::size_t kLaneAt = 16;
constexpr std::size_t kFirstAt = 24;
constexpr std::size_t kCreatedAt = 32;
constexpr std::size_t kSaltAt = 40;
constexpr std::size_t kSegmentCrcAt = kSegmentHeaderBytes - 4;

// Offsets in a block's header: magic, checksum of what follows, then the fields.
constexpr std::size_t kBlockCrcAt = 4;
constexpr std::size_t kBlockFirstAt = 8;
constexpr std::size_t kCountAt = 16;
constexpr std::size_t kNumberAt = 20;
constexpr std::size_t kStoredAt = 24;
constexpr std::size_t kPlainAt = 28;
constexpr std::size_t kCodecAt = 32;
constexpr std::size_t kPayloadCrcAt = 36;

}  // namespace

void put_segment_header(const SegmentHeader& header, char* out) {
  std::memset(out, 0, kSegmentHeaderBytes);
  std::memcpy(out, kSegmentMagic, 8);
  put_little(out + kVersionAt, kFormatVersion);
  put_little(out + kFlagsAt, header.is_encrypted ? kEncrypted : 0u);
  put_little(out + kLaneAt, header.lane);
  put_little(out + kFirstAt, header.first_sequence);
  put_little(out + kCreatedAt, header.created_ns);
  std::memcpy(out + kSaltAt, header.salt.data(), kSaltBytes);
  put_little(out + kSegmentCrcAt, crc32c({out, kSegmentCrcAt}));
}

Result<SegmentHeader> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) {
    return fail(std::errc::illegal_byte_sequence, "the segment's header is cut off");
  }
  const char* in = bytes.data();
  if (std::memcmp(in, kSegmentMagic, 8) != 0) {
    return fail(std::errc::illegal_byte_sequence, "this is no segment of a buffer");
  }
  if (get_little<std::uint32_t>(in + kSegmentCrcAt) != crc32c({in, kSegmentCrcAt})) {
    return fail(std::errc::illegal_byte_sequence, "the segment's header is damaged");
  }
  const auto version = get_little<std::uint32_t>(in + kVersionAt);
  if (version != kFormatVersion) {
    return fail(std::errc::not_supported, "the segment has version " + std::to_string(version) +
                                              " of the format; this sorrel reads version " +
                                              std::to_string(kFormatVersion));
  }
  SegmentHeader header;
  header.is_encrypted = (get_little<std::uint32_t>(in + kFlagsAt) & kEncrypted) != 0;
  header.lane = get_little<std::uint32_t>(in + kLaneAt);
  header.first_sequence = get_little<std::uint64_t>(in + kFirstAt);
  header.created_ns = get_little<std::uint64_t>(in + kCreatedAt);
  std::memcpy(header.salt.data(), in + kSaltAt, kSaltBytes);
  return header;
}

void put_block_header(const BlockHeader& header, char* out) {
  std::memset(out, 0, kBlockHeaderBytes);
  std::memcpy(out, kBlockMagic, 4);
  put_little(out + kBlockFirstAt, header.first_sequence);
  put_little(out + kCountAt, header.count);
  put_little(out + kNumberAt, header.number);
  put_little(out + kStoredAt, header.stored_bytes);
  put_little(out + kPlainAt, header.plain_bytes);
  out[kCodecAt] = static_cast<char>(header.codec);
  put_little(out + kPayloadCrcAt, header.payload_crc);
  put_little(out + kBlockCrcAt, crc32c({out + kBlockFirstAt, kBlockHeaderBytes - kBlockFirstAt}));
}

std::optional<BlockHeader> parse_block_header(std::string_view bytes) {
  if (bytes.size() < kBlockHeaderBytes) return std::nullopt;
  const char* in = bytes.data();
  if (std::memcmp(in, kBlockMagic, 4) != 0) return std::nullopt;
  const auto crc = get_little<std::uint32_t>(in + kBlockCrcAt);
  if (crc != crc32c({in + kBlockFirstAt, kBlockHeaderBytes - kBlockFirstAt})) return std::nullopt;
  BlockHeader header;
  header.first_sequence = get_little<std::uint64_t>(in + kBlockFirstAt);
  header.count = get_little<std::uint32_t>(in + kCountAt);
  header.number = get_little<std::uint32_t>(in + kNumberAt);
  header.stored_bytes = get_little<std::uint32_t>(in + kStoredAt);
  header.plain_bytes = get_little<std::uint32_t>(in + kPlainAt);
  header.codec = static_cast<Codec>(in[kCodecAt]);
  header.payload_crc = get_little<std::uint32_t>(in + kPayloadCrcAt);
  // Each is checked, since a checksum tells of accidents only.
  const bool is_possible =
      header.codec <= Codec::zstd && header.count != 0 && header.stored_bytes <= kMaxBlockBytes &&
      header.plain_bytes <= kMaxBlockBytes && header.count <= header.plain_bytes / kEntryBytes &&
      header.first_sequence <= UINT64_MAX - header.count;
  return is_possible ? std::optional(header) : std::nullopt;
}

bool is_intact(const BlockHeader& header, std::string_view payload) noexcept {
  return crc32c(payload) == header.payload_crc;
}

std::string authenticated_part(const BlockHeader& header) {
  BlockHeader bare = header;
  bare.payload_crc = 0;
  std::string bytes(kBlockHeaderBytes, '\0');
  put_block_header(bare, bytes.data());
  return bytes;
}

std::size_t find_block_header(std::string_view bytes, std::size_t from) {
  for (;;) {
    const std::size_t at = bytes.find(std::string_view(kBlockMagic, 4), from);
    if (at == std::string_view::npos) return at;
    if (parse_block_header(bytes.substr(at))) return at;
    from = at + 1;
  }
}

std::string segment_file_name(const SegmentName& name) {
  char text[48];
  const int size =
      std::snprintf(text, sizeof text, "%020llu.%04u.seg",
                    static_cast<unsigned long long>(name.first_sequence), name.generation);
  return std::string(text, static_cast<std::size_t>(size));
}

std::optional<SegmentName> parse_segment_name(std::string_view text) {
  constexpr std::string_view kSuffix = ".seg";
  if (!text.ends_with(kSuffix)) return std::nullopt;
  text.remove_suffix(kSuffix.size());
  SegmentName name;
  const char* const end = text.data() + text.size();
  const auto sequence = std::from_chars(text.data(), end, name.first_sequence);
  if (sequence.ec != std::errc() || sequence.ptr == end || *sequence.ptr != '.')
    return std::nullopt;
  const auto generation = std::from_chars(sequence.ptr + 1, end, name.generation);
  if (generation.ec != std::errc() || generation.ptr != end) return std::nullopt;
  // Only as we write it, so that no two files have one name.
  const bool is_ours = segment_file_name(name) == std::string(text) + std::string(kSuffix);
  return is_ours ? std::optional(name) : std::nullopt;
}

}  // namespace sorrel::buffer
