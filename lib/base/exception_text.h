#pragma once

#include <exception>
#include <string>

namespace sorrel {

// What an exception says, for the log: where one of a library's ends. "unknown", when it is none of
// the standard's.
std::string text_of(const std::exception_ptr& exception);

}  // namespace sorrel
