#pragma once

#include "base/result.h"
#include "sink/log_file.h"

namespace sorrel::sink {

// Makes room at path.1: renames path.1 to path.2 and so on, up to the first gap in the row, or
// until path.`generations` is replaced. Stops at the first failure, before anything is replaced
// that should have been kept; a later call goes on where this one stopped. Errors: the errno of the
// rename(2) that failed.
Status shift_generations(Storage& storage, const std::string& path, std::uint32_t generations);

// Renames the file at target.path to path.1, the older ones as above, and puts a new, empty file in
// place. On failure all is as before, or the file's name is missing, or `generations` has a gap;
// the open file can be written to in any case.
// Returns the new file. `generations`: 1 .. kMaxGenerations.
Result<LogFile> rotate_file(Storage& storage, const FileTarget& target, std::uint32_t generations);

}  // namespace sorrel::sink
