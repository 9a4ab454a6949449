#include "sink/body_codec.h"

#include <zlib.h>
#include <zstd.h>

namespace sorrel::sink {
namespace {

constexpr int kGzipLevel = 1;
constexpr int kZstdLevel = 1;
constexpr int kGzipWindow = 15 + 16;  // zlib: 32 KiB, and gzip's header and trailer

Status gzip(std::string_view body, std::string& out) {
  z_stream stream{};
  if (::deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(std::errc::not_enough_memory, "a request could not be compressed with gzip");
  }
  out.resize(::deflateBound(&stream, body.size()));
  // zlib does not write to what it reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (ended == Z_STREAM_END) return Ok{};
  return fail(std::errc::not_enough_memory, "a request could not be compressed with gzip");
}

Status zstd(std::string_view body, std::string& out) {
  out.resize(::ZSTD_compressBound(body.size()));
  const std::size_t size =
      ::ZSTD_compress(out.data(), out.size(), body.data(), body.size(), kZstdLevel);
  if (::ZSTD_isError(size) != 0) {
    return fail(
        std::errc::not_enough_memory,
        std::string("a request could not be compressed with zstd: ") + ::ZSTD_getErrorName(size));
  }
  out.resize(size);
  return Ok{};
}

}  // namespace

std::string_view content_encoding(Compression compression) noexcept {
  switch (compression) {
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    case Compression::none:
      break;
  }
  return {};
}

Status compress(Compression compression, std::string_view body, std::string& out) {
  switch (compression) {
    case Compression::gzip:
      return gzip(body, out);
    case Compression::zstd:
      return zstd(body, out);
    case Compression::none:
      break;
  }
  out.assign(body);
  return Ok{};
}

}  // namespace sorrel::sink
