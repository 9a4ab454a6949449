#include "input/archive_stream.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sorrel::input {
namespace {

using namespace std::string_view_literals;

using MakeStream = Result<std::unique_ptr<ByteStream>> (*)(std::unique_ptr<ByteStream>,
                                                           std::size_t);
struct Format {
  std::string_view magic;
  std::string_view name;
  MakeStream make;  // nullptr: known, so that the message can say what to do, but not read
};

constexpr std::array<Format, 7> kFormats{{
    {"\x1f\x8b"sv, "gzip", make_gzip_stream},
    {"\xfd"
     "7zXZ\0"sv,
     "xz", make_xz_stream},
    {"\x28\xb5\x2f\xfd"sv, "zstd", make_zstd_stream},
    {"\x50\x2a\x4d\x18"sv, "zstd", make_zstd_stream},  // pzstd: a skippable frame comes first
    {"BZh"sv, "bzip2", nullptr},
    {"\x04\x22\x4d\x18"sv, "lz4", nullptr},
    {"PK\x03\x04"sv, "zip", nullptr},
}};
constexpr std::size_t kLongestMagic = 6;

}  // namespace

Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stream,
                                               std::size_t chunk_bytes) {
  auto head = stream->peek(kLongestMagic);
  if (!head) return Unexpected(std::move(head).error());
  for (const Format& format : kFormats) {
    if (!head->starts_with(format.magic)) continue;
    if (format.make != nullptr) return format.make(std::move(stream), chunk_bytes);
    return fail(std::errc::not_supported,
                stream->name() + ": packed as " + std::string(format.name) +
                    ", which is not read here; unpack it first, or pack it with gzip, xz or zstd");
  }
  return stream;
}

ArchiveStream::ArchiveStream(std::unique_ptr<ByteStream> packed, std::size_t chunk_bytes)
    : ByteStream(packed->name()),
      packed_(std::move(packed)),
      chunk_(std::max<std::size_t>(1, chunk_bytes)) {}

Error ArchiveStream::broken(std::string_view what) const {
  return {std::make_error_code(std::errc::bad_message),
          name() + ": compressed offset " + std::to_string(decoded_) + ": " + std::string(what)};
}

Result<std::size_t> ArchiveStream::read_some(std::span<char> out) {
  DecodeState state{nullptr, 0, reinterpret_cast<std::uint8_t*>(out.data()), out.size()};
  while (state.out_left == out.size()) {
    if (failed_) return Unexpected(*failed_);
    if (chunk_begin_ == chunk_end_ && !packed_ended_) {
      auto got = packed_->read(chunk_);
      if (!got) {
        failed_ = std::move(got).error();
        continue;
      }
      packed_ended_ = *got == 0;
      chunk_begin_ = 0;
      chunk_end_ = *got;
    }
    state.in = reinterpret_cast<const std::uint8_t*>(chunk_.data()) + chunk_begin_;
    state.in_left = chunk_end_ - chunk_begin_;
    const char* wrong = decode(state, packed_ended_);
    const std::size_t taken = chunk_end_ - chunk_begin_ - state.in_left;
    chunk_begin_ += taken;
    decoded_ += taken;
    if (wrong != nullptr) {
      failed_ =
          broken(std::string(wrong) +
                 "; the archive is damaged here, all before it was read: restore it from a copy");
    } else if (taken == 0 && state.out_left == out.size() && packed_ended_) {
      if (chunk_begin_ == chunk_end_ && at_boundary()) return std::size_t{0};
      failed_ = broken(
          "the archive ends too early; all that it holds was read: it was cut while it "
          "was written or copied, restore it from a copy");
    }
  }
  return out.size() - state.out_left;
}

}  // namespace sorrel::input
