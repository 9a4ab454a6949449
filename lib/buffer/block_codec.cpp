#include "buffer/block_codec.h"

#include <zstd.h>

#include <cstring>
#include <utility>

#include "base/check.h"
#include "buffer/crc32c.h"
#include "buffer/little_endian.h"

namespace sorrel::buffer {
namespace {

// A frame's entry: what of its header is not the same for all of the block.
constexpr std::size_t kUidAt = 0;
constexpr std::size_t kTimeAt = 16;
constexpr std::size_t kPartitionAt = 24;
constexpr std::size_t kOutputsAt = 32;
constexpr std::size_t kSizeAt = 40;
constexpr std::size_t kFormatAt = 44;
constexpr std::size_t kSeverityAt = 45;

void put_entry(const FrameHeader& frame, char* out) {
  put_little(out + kUidAt, frame.event_uid[0]);
  put_little(out + kUidAt + 8, frame.event_uid[1]);
  put_little(out + kTimeAt, frame.time_ns);
  put_little(out + kPartitionAt, frame.partition_key);
  put_little(out + kOutputsAt, frame.outputs);
  put_little(out + kSizeAt, frame.size_bytes);
  out[kFormatAt] = static_cast<char>(frame.format);
  out[kSeverityAt] = static_cast<char>(frame.severity);
  out[kSeverityAt + 1] = 0;
  out[kSeverityAt + 2] = 0;
}

FrameHeader get_entry(const char* in) {
  FrameHeader frame;
  frame.event_uid[0] = get_little<std::uint64_t>(in + kUidAt);
  frame.event_uid[1] = get_little<std::uint64_t>(in + kUidAt + 8);
  frame.time_ns = get_little<std::uint64_t>(in + kTimeAt);
  frame.partition_key = get_little<std::uint64_t>(in + kPartitionAt);
  frame.outputs = get_little<std::uint64_t>(in + kOutputsAt);
  frame.size_bytes = get_little<std::uint32_t>(in + kSizeAt);
  frame.format = static_cast<Format>(in[kFormatAt]);
  frame.severity = static_cast<std::uint8_t>(in[kSeverityAt]);
  return frame;
}

void put_entries(const Block& block, char* out) {
  for (const FrameHeader& frame : block.frames) {
    put_entry(frame, out);
    out += kEntryBytes;
  }
}

Unexpected<Error> damaged(const char* what) {
  return fail(std::errc::illegal_byte_sequence, what);
}

Result<Block> take_apart(const BlockHeader& header, Lane lane, std::string plain) {
  if (plain.size() != header.plain_bytes) return damaged("a block's payload has another size");
  Block block;
  block.first = header.first_sequence;
  block.frames.reserve(header.count);
  const std::size_t entries = std::size_t{header.count} * kEntryBytes;
  if (entries > plain.size()) return damaged("a block is too short for its frames");
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    FrameHeader frame = get_entry(plain.data() + std::size_t{i} * kEntryBytes);
    if (frame.format > Format::raw) return damaged("a frame has a format that is not known");
    frame.sequence = header.first_sequence + i;
    frame.lane = lane;
    bytes += frame.size_bytes;
    block.frames.push_back(frame);
  }
  if (bytes != plain.size() - entries) return damaged("the frames of a block do not fill it");
  plain.erase(0, entries);
  block.bytes = std::move(plain);
  return block;
}

}  // namespace

struct BlockEncoder::Packer {
  struct Free {
    void operator()(ZSTD_CCtx* made) const { ZSTD_freeCCtx(made); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context{ZSTD_createCCtx()};
};

BlockEncoder::BlockEncoder(int level) : level_(level) {}
BlockEncoder::~BlockEncoder() = default;

char* BlockEncoder::room(std::string& memory, std::size_t size) {
  if (memory.size() < size) memory.resize(size + size / 8);
  return memory.data();
}

// Empty when packing gains nothing.
std::string_view BlockEncoder::pack(std::string_view plain) {
  if (!packer_) packer_ = std::make_unique<Packer>();
  const std::size_t bound = ZSTD_compressBound(plain.size());
  char* const out = room(packed_, bound);
  const std::size_t size =
      ZSTD_compressCCtx(packer_->context.get(), out, bound, plain.data(), plain.size(), level_);
  if (ZSTD_isError(size) != 0 || size >= plain.size()) return {};
  return {out, size};
}

BlockEncoder::Encoded BlockEncoder::encode(const Block& block, std::uint32_t number,
                                           const SegmentCipher* cipher) {
  SORREL_CHECK(!block.frames.empty(), "a block has frames");
  const std::size_t entries = block.frames.size() * kEntryBytes;
  BlockHeader header;
  header.first_sequence = block.first;
  header.count = static_cast<std::uint32_t>(block.frames.size());
  header.number = number;
  header.plain_bytes = static_cast<std::uint32_t>(entries + block.bytes.size());
  char* const head = room(head_, kBlockHeaderBytes + entries);
  Encoded encoded{{head, kBlockHeaderBytes + entries}, block.bytes};
  put_entries(block, head + kBlockHeaderBytes);
  std::string_view payload;  // when it is not what `encoded` has already
  if (level_ > 0 || cipher != nullptr) {
    char* const plain = room(plain_, header.plain_bytes);
    std::memcpy(plain, head + kBlockHeaderBytes, entries);
    std::memcpy(plain + entries, block.bytes.data(), block.bytes.size());
    const std::string_view packed =
        level_ > 0 ? pack({plain, header.plain_bytes}) : std::string_view();
    if (!packed.empty()) header.codec = Codec::zstd;
    payload = packed.empty() ? std::string_view(plain, header.plain_bytes) : packed;
  }
  header.stored_bytes = static_cast<std::uint32_t>(
      (payload.empty() ? header.plain_bytes : payload.size()) + (cipher ? kTagBytes : 0));
  if (cipher != nullptr) {
    packed_ = cipher->seal(number, authenticated_part(header), payload);
    payload = packed_;
  }
  if (!payload.empty()) encoded = {{head, kBlockHeaderBytes}, payload};
  header.payload_crc = crc32c(encoded.tail, crc32c(encoded.head.substr(kBlockHeaderBytes)));
  put_block_header(header, head);
  return encoded;
}

Result<Block> decode_block(const BlockHeader& header, Lane lane, std::string payload,
                           const SegmentCipher* cipher) {
  if (payload.size() != header.stored_bytes) return damaged("a block is cut off");
  if (!is_intact(header, payload)) return damaged("a block's payload is damaged");
  if (cipher != nullptr) {
    auto plain = cipher->open(header.number, authenticated_part(header), payload);
    if (!plain) return damaged("a block cannot be deciphered: another key, or changed by somebody");
    payload = *std::move(plain);
  }
  if (header.codec == Codec::none) return take_apart(header, lane, std::move(payload));
  std::string plain(header.plain_bytes, '\0');
  const std::size_t size =
      ZSTD_decompress(plain.data(), plain.size(), payload.data(), payload.size());
  if (ZSTD_isError(size) != 0) return damaged("a block cannot be unpacked");
  plain.resize(size);
  return take_apart(header, lane, std::move(plain));
}

}  // namespace sorrel::buffer
