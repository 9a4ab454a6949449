#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::agent {

// What sorreld remembers from one run to the next: the last serial that it passed on, for the
// report of what was lost in between. It means something within one boot only.
struct SavedState {
  std::string boot_id;
  std::uint32_t last_serial = 0;
  std::uint64_t time_ns = 0;  // when that was received, since the epoch

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

// One line of fixed length, with a version in front and a checksum behind.
std::string to_text(const SavedState& state);
// Nothing when it is no such line, or of another version.
std::optional<SavedState> parse_saved_state(std::string_view text);

// The file that holds it. It is overwritten in place by one pwrite(2) of less than a page, which a
// killed process has made whole or not at all; a power cut may tear it, but then its boot is over.
// So it is as fresh as the page cache, costs a microsecond, and is never synced.
class StateFile {
 public:
  // Opens or creates `path`, mode 0600, following no link; creates its folder, not the parents.
  // Errors: neither was possible, or another process has it open here.
  static Result<StateFile> open(const std::string& path);

  // What the last run left, or nothing. A file that holds something else is logged.
  const std::optional<SavedState>& previous() const noexcept { return previous_; }
  Status write(const SavedState& state);
  // Gives file and folder to the user that the daemon becomes.
  Status give_to(std::uint32_t uid, std::uint32_t gid);

 private:
  StateFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
  std::optional<SavedState> previous_;
};

// Decides when to write: at once, but not more often than every kSpacingNs.
class StateWriter {
 public:
  static constexpr std::uint64_t kSpacingNs = 10'000'000;

  // `file` must outlive the writer.
  StateWriter(StateFile& file, std::string boot_id) : file_(file) {
    state_.boot_id = std::move(boot_id);
  }

  // The serial that stands now. Returns when to call again (monotonic), or UINT64_MAX when the file
  // has it.
  std::uint64_t update(std::optional<std::uint32_t> serial, std::uint64_t realtime_ns,
                       std::uint64_t monotonic_ns);
  // Writes what update() held back.
  void flush();

 private:
  StateFile& file_;
  SavedState state_;
  std::optional<std::uint32_t> written_;
  std::uint64_t next_ns_ = 0;
  bool is_failing_ = false;
};

}  // namespace sorrel::agent
