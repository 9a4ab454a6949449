#include "sink/rotation.h"

#include <cerrno>

namespace sorrel::sink {
namespace {

Unexpected<Error> rename_failed(int error, const std::string& from, const std::string& to) {
  return fail_errno(-error, "cannot rename " + from + " to " + to +
                                "; check the owner and the mode of the folder");
}

}  // namespace

Status shift_generations(Storage& storage, const std::string& path, std::uint32_t generations) {
  std::uint32_t free = 1;  // the gap, or the oldest file, which is replaced
  FileStatus status;
  while (free < generations && storage.status(generation_path(path, free), status) != -ENOENT) {
    ++free;
  }
  for (; free > 1; --free) {
    const std::string from = generation_path(path, free - 1);
    const std::string to = generation_path(path, free);
    const int error = storage.rename(from, to);
    if (error != 0 && error != -ENOENT) return rename_failed(error, from, to);
  }
  return Ok{};
}

Result<LogFile> rotate_file(Storage& storage, const FileTarget& target, std::uint32_t generations) {
  // The new file comes first: when it cannot be made, nothing has changed yet.
  Result<LogFile> fresh = make_temporary_file(storage, target);
  if (!fresh) return fresh;
  if (Status shifted = shift_generations(storage, target.path, generations); !shifted) {
    storage.remove(target.temporary_path);
    return Unexpected<Error>(std::move(shifted).error());
  }
  const std::string newest = generation_path(target.path, 1);
  int error = storage.rename(target.path, newest);
  if (error != 0) {
    storage.remove(target.temporary_path);
    return rename_failed(error, target.path, newest);
  }
  error = storage.rename_new(target.temporary_path, target.path);
  if (error != 0) {
    storage.rename_new(newest, target.path);  // if this fails too, tick() finds the name missing
    storage.remove(target.temporary_path);
    return rename_failed(error, target.temporary_path, target.path);
  }
  return fresh;
}

}  // namespace sorrel::sink
