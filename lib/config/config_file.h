#pragma once

#include <string>

#include "base/result.h"

namespace sorrel::config {

// The bytes of the configuration file `path`, at most one more than parse_tree() takes, so that it
// says when there are too many. Errors: a file that cannot be opened, is no regular file, or that
// every user may write to. A group that may write, or an owner other than root and the caller, is
// logged as a warning.
Result<std::string> read_config_file(const std::string& path);

}  // namespace sorrel::config
