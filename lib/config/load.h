#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/options.h"
#include "config/problem.h"

namespace sorrel::config {

// Options with what is wrong about them: only an empty list of problems makes them fit for use.
struct Checked {
  Options options;
  std::vector<Problem> problems;  // in the order of the file
};

// Reads a configuration from memory; `name` stands for the file in the messages. An empty text
// gives all defaults. Any bytes are safe: see the limits in config/tree.h.
Checked check_text(std::string_view name, std::string_view text);

// The same as a Result. The error's message has one line "name:line:column: message" for each
// problem, all of them at once.
Result<Options> load_text(std::string_view name, std::string_view text);

// Reads the file `path`. Errors besides those of load_text(): a file that cannot be opened, is no
// regular file, is larger than kMaxFileBytes, or that every user may write to (what is in it makes
// a privileged daemon write files). A group that may write, or an owner other than root and the
// caller, is logged as a warning.
Result<Options> load_file(const std::string& path);

}  // namespace sorrel::config
