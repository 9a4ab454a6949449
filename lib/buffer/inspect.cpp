#include "buffer/inspect.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "buffer/block_codec.h"
#include "buffer/cursor_file.h"
#include "buffer/options.h"
#include "buffer/segment_scanner.h"

namespace sorrel::buffer {
namespace {

constexpr std::string_view kCursorEnd = ".cursor";

void read_blocks(Storage& storage, int fd, Lane lane, const SegmentCipher* cipher, bool opens,
                 const OnBlock& on_block, SegmentReport& report) {
  SegmentScanner scanner(storage, fd, report.bytes);
  std::string payload;
  while (const auto found = scanner.next()) {
    if (!scanner.read_payload(*found, payload) || !is_intact(found->header, payload)) {
      ++report.damaged;
      continue;
    }
    if (opens) {
      const auto block = decode_block(found->header, lane, std::move(payload), cipher);
      if (!block) {
        ++report.damaged;
        continue;
      }
      if (on_block) on_block(lane_name(lane_index(lane)), *block);
    }
    ++report.blocks;
    report.frames += found->header.count;
    if (report.first == 0) report.first = found->header.first_sequence;
    report.last = found->header.end_sequence() - 1;
  }
  report.damaged += scanner.damaged_places();
}

SegmentReport read_segment(Storage& storage, const std::string& path, const SegmentName& name,
                           Lane lane, const InspectOptions& options, const OnBlock& on_block) {
  SegmentReport report;
  report.name = name;
  report.path = path;
  const int fd = storage.open(path, Storage::Access::read);
  if (fd < 0) {
    report.error = std::generic_category().message(-fd);
    return report;
  }
  const StorageFile file(storage, fd);
  report.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(storage.size(fd), 0));
  if (!options.reads_segments) return report;
  std::string bytes(kSegmentHeaderBytes, '\0');
  bytes.resize(
      static_cast<std::size_t>(std::max<std::int64_t>(read_all(storage, fd, bytes, 0), 0)));
  const auto header = parse_segment_header(bytes);
  if (!header) {
    report.error = header.error().message;
    return report;
  }
  report.is_encrypted = header->is_encrypted;
  std::optional<SegmentCipher> cipher;
  const bool opens = !header->is_encrypted || !options.secret.empty();
  if (header->is_encrypted && opens) cipher.emplace(options.secret, header->salt);
  read_blocks(storage, fd, lane, cipher ? &*cipher : nullptr, opens, on_block, report);
  return report;
}

CursorReport read_cursor(Storage& storage, const std::string& path, std::string output) {
  CursorReport report{std::move(output), std::nullopt};
  const StorageFile file(storage, storage.open(path, Storage::Access::read));
  if (!file) return report;
  std::string bytes(2 * CursorFile::kSlotBytes, '\0');
  const std::int64_t size = read_all(storage, file.get(), bytes, 0);
  bytes.resize(static_cast<std::size_t>(std::max<std::int64_t>(size, 0)));
  std::optional<CursorFile::Slot> newest;
  for (std::size_t at = 0; at + CursorFile::kSlotBytes <= bytes.size();
       at += CursorFile::kSlotBytes) {
    const auto slot = CursorFile::parse_slot(std::string_view(bytes).substr(at));
    if (slot && (!newest || slot->generation > newest->generation)) newest = slot;
  }
  if (newest) report.acked = newest->acked;
  return report;
}

}  // namespace

Result<std::vector<LaneReport>> inspect(Storage& storage, const InspectOptions& options,
                                        const OnBlock& on_block) {
  std::vector<LaneReport> lanes;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::string folder = options.path + '/' + lane_name(lane);
    std::vector<std::string> names;
    if (const int listed = storage.list(folder, names); listed < 0) {
      return fail_errno(-listed, options.path + " is no buffer that can be read");
    }
    std::sort(names.begin(), names.end());
    LaneReport report{.name = lane_name(lane), .segments = {}, .cursors = {}};
    for (const std::string& name : names) {
      const std::string path = folder + '/' + name;
      if (const auto segment = parse_segment_name(name)) {
        report.segments.push_back(
            read_segment(storage, path, *segment, static_cast<Lane>(lane), options, on_block));
      } else if (name.ends_with(kCursorEnd)) {
        report.cursors.push_back(
            read_cursor(storage, path, name.substr(0, name.size() - kCursorEnd.size())));
      }
    }
    lanes.push_back(std::move(report));
  }
  return lanes;
}

Result<Fd> lock_buffer(const std::string& path) {
  Fd file(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail_errno(errno, "cannot open " + path + "/lock");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return fail_errno(errno, "cannot lock " + path);
  return fail(std::errc::device_or_resource_busy,
              "the buffer " + path + " is in use by another process: stop it first");
}

}  // namespace sorrel::buffer
