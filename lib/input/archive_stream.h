#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "input/byte_stream.h"

namespace sorrel::input {

// The content of a compressed stream: gzip (also several members, RFC 1952), xz (also several
// streams) or zstd (also several frames, RFC 8878). Chosen by the magic bytes, never by the name.
// Returns `stream` itself when it is not compressed. Errors: it is packed in a format that we do
// not read, a decoder cannot start, or nothing can be read.
Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stream,
                                               std::size_t chunk_bytes = kDefaultChunkBytes);

// What a decoder works on: it moves both ends.
struct DecodeState {
  const std::uint8_t* in = nullptr;
  std::size_t in_left = 0;
  std::uint8_t* out = nullptr;
  std::size_t out_left = 0;
};

// What gzip, xz and zstd have in common: refilling, telling a cut archive from an ended one, and
// errors with offsets. Memory: one chunk, and what the decoder's window needs.
class ArchiveStream : public ByteStream {
 public:
  Progress progress() const noexcept override { return packed_->progress(); }

 protected:
  ArchiveStream(std::unique_ptr<ByteStream> packed, std::size_t chunk_bytes);

  Result<std::size_t> read_some(std::span<char> out) final;

  // Decodes some of state.in to state.out. `last_input`: nothing follows state.in. Returns what is
  // wrong with the archive, or nullptr; nothing moved and nothing wrong means: more input, please.
  virtual const char* decode(DecodeState& state, bool last_input) = 0;
  // True where an archive may end: what was decoded is whole.
  virtual bool at_boundary() const noexcept = 0;

 private:
  Error broken(std::string_view what) const;

  std::unique_ptr<ByteStream> packed_;
  std::vector<char> chunk_;
  std::size_t chunk_begin_ = 0;
  std::size_t chunk_end_ = 0;
  std::uint64_t decoded_ = 0;  // compressed bytes that the decoder took
  bool packed_ended_ = false;
  std::optional<Error> failed_;
};

// One a file; each errors when its library has no memory.
Result<std::unique_ptr<ByteStream>> make_gzip_stream(std::unique_ptr<ByteStream> packed,
                                                     std::size_t chunk_bytes);
Result<std::unique_ptr<ByteStream>> make_xz_stream(std::unique_ptr<ByteStream> packed,
                                                   std::size_t chunk_bytes);
Result<std::unique_ptr<ByteStream>> make_zstd_stream(std::unique_ptr<ByteStream> packed,
                                                     std::size_t chunk_bytes);

}  // namespace sorrel::input
