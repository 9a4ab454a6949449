#pragma once

#include <cstddef>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace sorrel::host {

// Reads a regular file of the host whose file system lies under `root`: "/", or a mounted image or
// a test's folder. `path` begins with a slash and is resolved as that host would: an absolute
// symbolic link and ".." stay within `root`, so an image never shows us our own machine's files.
// (Without openat2(2), before Linux 5.6, a symbolic link under a root other than "/" is an error.)
// Errors, naming the whole path: errc::no_such_file_or_directory, errc::file_too_large when it has
// more than `max_bytes`, errc::invalid_argument when it is no regular file, or the errno.
Result<std::string> read_root_file(const std::string& root, const std::string& path,
                                   std::size_t max_bytes);

// Opens `path` as read_root_file() does, with the flags of open(2). Empty on failure, with errno
// set.
Fd open_in_root(const std::string& root, const std::string& path, int flags);

}  // namespace sorrel::host
