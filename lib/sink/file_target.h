#pragma once

#include <string>

#include "base/result.h"
#include "sink/file_storage.h"
#include "sink/options.h"

namespace sorrel::sink {

// An output file with everything resolved that needs the user database.
struct FileTarget {
  std::string path;
  std::string folder;          // that holds it
  std::string temporary_path;  // beside it, where a new file gets its permissions
  Permissions permissions;
};

constexpr std::uint32_t kMaxGenerations = 1000;
constexpr std::size_t kMaxLinePrefixBytes = 1024;
constexpr std::size_t kMaxReaders = 64;  // users, and groups; ext4 keeps about 500 ACL entries

// Checks the options and looks the names up (NSS: may block, so only at start and reload).
// Errors: errc::invalid_argument, naming the option, what is wrong with it and what to do.
Result<FileTarget> resolve_target(const FileOptions& options);

}  // namespace sorrel::sink
