// A segment, its blocks and a cursor: any bytes, as a disk or somebody may leave them.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "buffer/block_codec.h"
#include "buffer/cursor_file.h"
#include "buffer/segment_scanner.h"

namespace {

using namespace sorrel::buffer;

// One file in memory, to be read.
class OneFile final : public Storage {
 public:
  explicit OneFile(std::string bytes) : bytes_(std::move(bytes)) {}
  int make_folder(const std::string&) override { return 0; }
  int open(const std::string&, Access) override { return 3; }
  void close(int) override {}
  std::int64_t write_at(int, std::string_view, std::string_view, std::uint64_t) override {
    return -1;
  }
  std::int64_t read_at(int, std::span<char> into, std::uint64_t offset) override {
    if (offset >= bytes_.size()) return 0;
    const std::size_t size =
        std::min(into.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), size, into.begin());
    return static_cast<std::int64_t>(size);
  }
  std::int64_t size(int) override { return static_cast<std::int64_t>(bytes_.size()); }
  int truncate(int, std::uint64_t) override { return 0; }
  int sync_data(int) override { return 0; }
  int sync_folder(const std::string&) override { return 0; }
  int remove(const std::string&) override { return 0; }
  int rename(const std::string&, const std::string&) override { return 0; }
  int list(const std::string&, std::vector<std::string>&) override { return 0; }
  int space(const std::string&, Space&) override { return 0; }

 private:
  std::string bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_segment_header(bytes));
  if (const auto name = parse_segment_name(bytes)) {
    SORREL_CHECK(segment_file_name(*name) == bytes, "a name that is written differently");
  }
  if (const auto slot = CursorFile::parse_slot(bytes)) {
    const auto same = CursorFile::parse_slot(CursorFile::put_slot(*slot));
    SORREL_CHECK(same && same->acked == slot->acked, "a cursor that is read differently");
  }
  // The payload without its checksum, which would stop nearly all of what is tried here.
  if (const auto header = parse_block_header(bytes)) {
    static_cast<void>(decode_block(*header, Lane::bulk, bytes.substr(kBlockHeaderBytes), nullptr));
  }
  OneFile file(bytes);
  SegmentScanner scanner(file, 3, bytes.size());
  std::string payload;
  std::uint64_t end = 0;
  while (const auto found = scanner.next()) {
    SORREL_CHECK(found->payload_at > end && found->end_at() <= bytes.size(), "blocks overlap");
    end = found->payload_at;
    if (!scanner.read_payload(*found, payload)) continue;
    const auto block = decode_block(found->header, Lane::bulk, payload, nullptr);
    if (block) SORREL_CHECK(block->frames.size() == found->header.count, "frames were lost");
  }
  return 0;
}
