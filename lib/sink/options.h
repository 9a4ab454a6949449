#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sink/http_options.h"
#include "sink/kafka_options.h"
#include "sink/network_options.h"
#include "sink/syslog_options.h"

namespace sorrel::sink {

// A local file (or standard output, when path is "-"), rotated by us.
struct FileOptions {
  std::string path;
  std::uint64_t rotate_size_bytes = 0;  // 0: never by size
  std::uint64_t rotate_age_s = 0;       // 0: never by age
  std::uint32_t generations = 5;        // rotated files kept: path.1 (newest) .. path.N
  std::optional<std::string> owner;     // user name; default: who runs us
  std::optional<std::string> group;
  std::uint32_t mode = 0600;            // permission bits
  std::vector<std::string> read_users;  // POSIX ACL entries with r, as LAUREL's read-users
  std::vector<std::string> read_groups;
  std::string line_prefix;  // put before each line, e.g. "@cee: "

  friend bool operator==(const FileOptions&, const FileOptions&) = default;
};

}  // namespace sorrel::sink
