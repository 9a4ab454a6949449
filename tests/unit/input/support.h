#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/byte_stream.h"
#include "input/source.h"
#include "temp_folder.h"

namespace sorrel::input::test {

using sorrel::test::TempFolder;

enum class Packing { none, gzip, xz, zstd };
inline constexpr Packing kAllPackings[] = {Packing::none, Packing::gzip, Packing::xz,
                                           Packing::zstd};

std::string pack(std::string_view content, Packing packing);

// A datagram that owns its bytes.
struct Kept {
  record::RecordType type;
  std::string payload;
  std::string line;
  std::string node;
  std::uint64_t received_ns;

  friend bool operator==(const Kept&, const Kept&) = default;
};

struct Drained {
  std::vector<Kept> datagrams;
  std::optional<Error> error;  // what stopped it, if it was not the end

  std::vector<std::string> lines() const;
  std::vector<std::string> payloads() const;
};

// Reads to the end or to the first error. Fails the test when a source is idle or does not end.
Drained drain(Source& source);
// The same of one read().
std::vector<Kept> keep(const Batch& batch);

// All bytes of a stream, read in pieces of `piece_bytes`, and the error it ended with.
struct Content {
  std::string bytes;
  std::optional<Error> error;
};
Content read_all(ByteStream& stream, std::size_t piece_bytes);

// A line of auditd's with the serial `serial`, without a newline; about 80 bytes.
std::string audit_line(int serial);
// `count` such lines, each with a newline.
std::string audit_text(int count);

// A frame as auditd's af_unix plugin sends it with format = binary; `padded_to`: the size of its
// data field, when it is fixed.
std::string frame(std::uint32_t version, std::uint32_t type, std::string_view data,
                  std::size_t padded_to = 0);

}  // namespace sorrel::input::test
