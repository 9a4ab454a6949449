#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "buffer/frame.h"
#include "sink/bulk_format.h"
#include "sink/parcel.h"

namespace sorrel::sink {

// Frames with a uid, a time and a sequence of their own, and what they are sent as.
struct BulkBatch {
  // 2026-11-26T23:59:59.123Z; each further frame is one second later.
  static constexpr std::uint64_t kTimeNs = 1'795'737'599'123'000'000;

  void add(std::string_view text, buffer::Format format = buffer::Format::json,
           buffer::Lane lane = buffer::Lane::security) {
    std::memcpy(batch->reserve(text.size()), text.data(), text.size());
    buffer::FrameHeader header;
    header.sequence = ++count;
    header.event_uid[0] = 0x0123456789abcdef;
    header.event_uid[1] = count;
    header.time_ns = kTimeNs + (count - 1) * 1'000'000'000;
    header.format = format;
    header.lane = lane;
    header.size_bytes = static_cast<std::uint32_t>(text.size());
    batch->append_frame(header);
  }
  std::vector<BulkFrame> frames() const {
    auto parcels = make_parcels(batch, SIZE_MAX, SIZE_MAX);
    return parcels.front().frames;
  }
  std::string body(const BulkFormat& format) const {
    std::string body;
    const std::vector<BulkFrame> all = frames();
    format.append_body(all, body);
    return body;
  }

  std::shared_ptr<buffer::FrameBatch> batch = std::make_shared<buffer::FrameBatch>();
  std::uint64_t count = 0;
};

inline HttpResponse make_response(std::uint16_t status, std::string body = "") {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

inline std::unique_ptr<BulkFormat> make_format(const HttpOptions& options) {
  auto format = make_bulk_format(options);
  SORREL_CHECK(format.has_value(), "a format that the options allow");
  return *std::move(format);
}

}  // namespace sorrel::sink
