#pragma once

#include <string>

#include "base/result.h"

namespace sorrel::sink {

// The one line of a file that holds a secret, without its line break. A small local file: it is
// read at once. Errors: it cannot be read, or has no or more than one line, or a control character;
// the message never has its text.
Result<std::string> read_secret(const std::string& path);

}  // namespace sorrel::sink
