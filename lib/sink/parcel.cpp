#include "sink/parcel.h"

#include <utility>

#include "base/check.h"

namespace sorrel::sink {

std::vector<Parcel> make_parcels(std::shared_ptr<const buffer::FrameBatch> batch,
                                 std::size_t max_bytes, std::size_t max_frames) {
  std::vector<Parcel> parcels;
  std::string_view rest = batch->bytes();
  for (const buffer::FrameHeader& header : batch->frames()) {
    if (parcels.empty() || parcels.back().frames.size() >= max_frames ||
        parcels.back().bytes + header.size_bytes > max_bytes) {
      parcels.emplace_back().batch = batch;
    }
    BulkFrame frame;
    frame.header = &header;
    frame.bytes = rest.substr(0, header.size_bytes);
    parcels.back().add(frame);
    rest.remove_prefix(header.size_bytes);
  }
  return parcels;
}

Parcel part_of(const Parcel& parcel, std::size_t first, std::size_t last) {
  Parcel part;
  part.batch = parcel.batch;
  part.is_uncompressed = parcel.is_uncompressed;
  part.refused_at = parcel.refused_at;
  for (std::size_t i = first; i < last; ++i) part.add(parcel.frames[i]);
  return part;
}

std::vector<Parcel> split(const Parcel& parcel, std::optional<std::size_t> suspect) {
  const std::size_t size = parcel.frames.size();
  SORREL_CHECK(size >= 2, "one frame cannot be split");
  std::vector<Parcel> parts;
  if (suspect && *suspect < size) {
    if (*suspect > 0) parts.push_back(part_of(parcel, 0, *suspect));
    parts.push_back(part_of(parcel, *suspect, *suspect + 1));
    if (*suspect + 1 < size) parts.push_back(part_of(parcel, *suspect + 1, size));
  } else {
    parts.push_back(part_of(parcel, 0, size / 2));
    parts.push_back(part_of(parcel, size / 2, size));
  }
  return parts;
}

}  // namespace sorrel::sink
