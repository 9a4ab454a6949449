#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sorrel::input {

// Puts log files into the order in which they were written, oldest first.
//
// 1. A folder stands for the audit.log family in it: audit.log, audit.log.N, audit.log-DATE, each
//    also with .gz, .xz or .zst behind.
// 2. Files whose path differs only in such a suffix are one family. A family stands where its first
//    member stood, and families keep the order in which they were named.
// 3. Within a family: dates first and ascending (logrotate's dateext: 8 digits or more, after "-"
//    or "."), then numbers descending (auditd and logrotate: the higher, the older), the file
//    without a suffix last, since it is the one being written.
// 4. A path that is named twice is read once.
//
// So audit.log, audit.log.1, audit.log.10.gz becomes audit.log.10.gz, audit.log.1, audit.log, while
// b.log, a.log stays as it is. Errors: a folder cannot be read, or holds no such file.
Result<std::vector<std::string>> rotation_order(const std::vector<std::string>& paths);

}  // namespace sorrel::input
