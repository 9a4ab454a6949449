#include "support.h"

#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <memory>

#include "catch.h"

namespace sorrel::input::test {

namespace {

std::string pack_gzip(std::string_view content) {
  z_stream zlib{};
  REQUIRE(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&zlib, content.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  zlib.avail_in = static_cast<uInt>(content.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&zlib, Z_FINISH) == Z_STREAM_END);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

std::string pack_xz(std::string_view content) {
  std::string packed(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t size = 0;
  REQUIRE(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr,
                                  reinterpret_cast<const std::uint8_t*>(content.data()),
                                  content.size(), reinterpret_cast<std::uint8_t*>(packed.data()),
                                  &size, packed.size()) == LZMA_OK);
  packed.resize(size);
  return packed;
}

std::string pack_zstd(std::string_view content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  // With a checksum, so that damage is found.
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_checksumFlag, 1);
  const std::size_t size =
      ZSTD_compress2(zstd.get(), packed.data(), packed.size(), content.data(), content.size());
  REQUIRE_FALSE(ZSTD_isError(size));
  packed.resize(size);
  return packed;
}

}  // namespace

std::string pack(std::string_view content, Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return pack_gzip(content);
    case Packing::xz:
      return pack_xz(content);
    case Packing::zstd:
      return pack_zstd(content);
    case Packing::none:
      break;
  }
  return std::string(content);
}

std::vector<std::string> Drained::lines() const {
  std::vector<std::string> lines;
  for (const Kept& datagram : datagrams) lines.push_back(datagram.line);
  return lines;
}

std::vector<std::string> Drained::payloads() const {
  std::vector<std::string> payloads;
  for (const Kept& datagram : datagrams) payloads.push_back(datagram.payload);
  return payloads;
}

std::vector<Kept> keep(const Batch& batch) {
  std::vector<Kept> kept;
  for (const record::Datagram& datagram : batch) {
    kept.push_back({datagram.type, std::string(datagram.payload), std::string(datagram.line),
                    std::string(datagram.node), datagram.received_ns});
  }
  return kept;
}

Drained drain(Source& source) {
  constexpr int kMostReads = 1'000'000;
  Drained drained;
  Batch batch;
  for (int reads = 0; reads < kMostReads; ++reads) {
    auto state = source.read(batch);
    if (!state) {
      drained.error = state.error();
      return drained;
    }
    REQUIRE(*state != ReadState::idle);
    for (Kept& datagram : keep(batch)) drained.datagrams.push_back(std::move(datagram));
    if (*state == ReadState::ended) return drained;
  }
  FAIL("the source does not end");
  return drained;
}

Content read_all(ByteStream& stream, std::size_t piece_bytes) {
  Content content;
  std::vector<char> piece(piece_bytes);
  while (true) {
    auto got = stream.read(piece);
    if (!got) {
      content.error = got.error();
      return content;
    }
    if (*got == 0) return content;
    content.bytes.append(piece.data(), *got);
  }
}

std::string audit_line(int serial) {
  return "type=SYSCALL msg=audit(1700000000.123:" + std::to_string(serial) +
         "): arch=c000003e syscall=59 success=yes exit=0";
}

std::string audit_text(int count) {
  std::string text;
  for (int serial = 1; serial <= count; ++serial) text += audit_line(serial) + "\n";
  return text;
}

std::string frame(std::uint32_t version, std::uint32_t type, std::string_view data,
                  std::size_t padded_to) {
  const std::uint32_t header[] = {version, 16, type, static_cast<std::uint32_t>(data.size())};
  std::string bytes(reinterpret_cast<const char*>(header), sizeof header);
  bytes += data;
  if (data.size() < padded_to) bytes.append(padded_to - data.size(), '\0');
  return bytes;
}

}  // namespace sorrel::input::test
