#pragma once

#include <cstdint>

#include "base/fd.h"
#include "base/result.h"
#include "sink/file_storage.h"
#include "sink/file_target.h"

namespace sorrel::sink {

// An open output file. All that is written to it goes to its end (O_APPEND).
struct LogFile {
  Fd fd;
  FileStatus status;             // when it was opened
  std::uint64_t size_bytes = 0;  // up to the end of the last whole frame
  std::uint64_t tail_bytes = 0;  // of a torn frame behind it, written by us
  bool is_torn = false;          // its last line has no end: nothing may follow it as it is
  std::uint64_t birth_ns = 0;    // since the epoch: how old its first line may be
  int permission_error = 0;      // errno: its owner, mode or ACL could not be set
};

// Opens the file at target.path, or creates it (and its folder, but not the folder's parents).
// A new file gets its permissions under target.temporary_path and is renamed into place, so that no
// reader ever sees it with others; an existing one gets them before this returns.
// The birth is the file system's; where it keeps none, the time of the last write to path.1, which
// is when that was rotated away; without that, the last write to the file itself.
// Errors: the errno of what failed; errc::invalid_argument when the path is no regular file.
Result<LogFile> open_log_file(Storage& storage, const FileTarget& target);

// Makes an empty file at target.temporary_path, with its permissions; rotation puts it in place.
Result<LogFile> make_temporary_file(Storage& storage, const FileTarget& target);

// Whether a line may follow the first `size_bytes` of a file. When it cannot be read: true.
bool ends_in_line_break(Storage& storage, int fd, std::uint64_t size_bytes);

// The name of a rotated file: path.1 is the newest.
std::string generation_path(const std::string& path, std::uint32_t generation);

}  // namespace sorrel::sink
