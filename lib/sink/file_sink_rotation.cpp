// The parts of FileSink that replace the open file: rotation, and saving a removed file's last
// frames.
#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "sink/file_sink.h"
#include "sink/rotation.h"

namespace sorrel::sink {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kRotationHoldNs = kSecondNs;  // after a failure
constexpr std::size_t kCopyBytes = 16 * 1024;

}  // namespace

bool FileSink::rotation_is_due() const noexcept {
  // A torn end waits for its repair: in a rotated file it would stay for good.
  if (!file_.fd || file_.size_bytes == 0 || file_.is_torn) return false;
  if (options_.rotate_size_bytes != 0 && file_.size_bytes > options_.rotate_size_bytes) return true;
  if (options_.rotate_age_s == 0) return false;
  const std::uint64_t now_ns = clock_.realtime_ns();
  return now_ns > file_.birth_ns && (now_ns - file_.birth_ns) / kSecondNs >= options_.rotate_age_s;
}

void FileSink::rotate_if_due() {
  if (!rotation_is_due() || clock_.monotonic_ns() < rotation_hold_ns_) return;
  check_place();  // only our own file may become path.1
  if (rotation_is_due()) rotate();
}

void FileSink::rotate() {
  if (storage_.sync_data(file_.fd.get()) != 0) {
    statistics_.sync_failures.add();
    log(Level::warning, "output file could not be synced before its rotation",
        {{"path", target_.path}});
  }
  Result<LogFile> fresh = rotate_file(storage_, target_, options_.generations);
  if (!fresh) {
    statistics_.rotation_failures.add();
    const bool is_first =
        std::exchange(rotation_hold_ns_, clock_.monotonic_ns() + kRotationHoldNs) == 0;
    if (!is_first) return;
    log(Level::error, "output file could not be rotated and grows on; tried again each second",
        {{"path", target_.path}, {"error", fresh.error().to_string()}});
    return;
  }
  statistics_.rotations.add();
  if (std::exchange(rotation_hold_ns_, 0) != 0) {
    log(Level::info, "output file can be rotated again", {{"path", target_.path}});
  }
  adopt(std::move(*fresh));
}

// Copies the orphan's last frames to the end of the file, all or none, and lets it go.
void FileSink::save_orphan() {
  if (!orphan_.fd) return;
  const Orphan orphan = std::exchange(orphan_, Orphan{});
  const std::uint64_t bytes = orphan.end - orphan.begin;
  if (orphan.frames == 0 || orphan.end <= orphan.begin) return;
  std::uint64_t copied = 0;
  int error = mend_tail();
  std::array<char, kCopyBytes> chunk;
  while (error == 0 && copied < bytes) {
    const std::size_t wanted = std::min<std::uint64_t>(chunk.size(), bytes - copied);
    const std::int64_t count =
        storage_.read_at(orphan.fd.get(), {chunk.data(), wanted}, orphan.begin + copied);
    if (count <= 0) {
      error = count == 0 ? EIO : static_cast<int>(-count);
      break;
    }
    const WriteOutcome outcome =
        writer_.write_bytes(file_.fd.get(), {chunk.data(), static_cast<std::size_t>(count)});
    copied += outcome.bytes;
    error = outcome.error;
  }
  if (error == 0) {
    if (file_.size_bytes == 0) file_.birth_ns = clock_.realtime_ns();
    file_.size_bytes += bytes;
    unchecked_.frames += orphan.frames;
    return;
  }
  if (copied != 0) {
    file_.tail_bytes = copied;
    file_.is_torn = true;
    cut_tail();
  }
  statistics_.removed.add(orphan.frames, bytes);
  log(Level::error, "output file was removed with events that could not be saved from it",
      {{"path", target_.path},
       {"lost_events", std::to_string(orphan.frames)},
       {"error", std::generic_category().message(error)}});
}

}  // namespace sorrel::sink
