#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "input/file_source.h"
#include "input/line_splitter.h"

namespace sorrel::fuzz {

// The first byte of an input chooses the chunk size, the rest is what is read.
struct ChunkedInput {
  std::size_t chunk_bytes;
  std::string bytes;

  ChunkedInput(const std::uint8_t* data, std::size_t size)
      : chunk_bytes(size > 0 ? 1u + data[0] : 1u),
        bytes(size > 0 ? std::string(reinterpret_cast<const char*>(data) + 1, size - 1) : "") {}
};

struct Read {
  std::size_t records = 0;
  std::size_t bytes = 0;  // of the lines and, of records without one, the payloads
  bool failed = false;
};

// Reads a source to its end or its error and touches every byte that it gives.
inline Read read_all(input::Source& source) {
  Read read;
  input::Batch batch;
  unsigned sum = 0;
  while (true) {
    auto state = source.read(batch);
    SORREL_CHECK(state || batch.empty(), "records together with an error");
    SORREL_CHECK(batch.size() <= input::kMaxBatch, "a batch above kMaxBatch");
    read.failed = !state;
    if (!state || *state == input::ReadState::ended) break;
    SORREL_CHECK(!batch.empty(), "a file that gave nothing and did not end");
    read.records += batch.size();
    for (const record::Datagram& datagram : batch) {
      const std::string_view all = datagram.line.empty() ? datagram.payload : datagram.line;
      for (const char byte : all) sum += static_cast<unsigned char>(byte);
      read.bytes += all.size();
    }
  }
  // The sum must not be optimised away.
  asm volatile("" : : "r"(sum));
  return read;
}

}  // namespace sorrel::fuzz
