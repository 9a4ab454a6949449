#pragma once

namespace sorrel {

// Prints the broken invariant to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* message, const char* file,
                               int line) noexcept;

}  // namespace sorrel

// For invariants of our own code, on in release builds too. Never for input: bad input is an Error.
#define SORREL_CHECK(condition, message) \
  (static_cast<bool>(condition) ? void() \
                                : ::sorrel::check_failed(#condition, message, __FILE__, __LINE__))
