#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel {

inline constexpr std::uint8_t kNotHex = 0xff;

// The value of a hex digit of either case, or kNotHex.
std::uint8_t hex_value(char digit) noexcept;

// Decodes the kernel's audit_log_n_hex() form: two digits a byte, no separator, either case.
// `digits` may hold any bytes; the result may too (audit arguments are not text).
// Errors: errc::invalid_argument when the length is odd or a byte is not a hex digit.
// Source: linux/kernel/audit.c, audit_log_n_hex().
Result<std::string> decode_hex(std::string_view digits);

// The same into `out`, which must have room for digits.size() / 2 + 16 bytes (it works in blocks).
// Returns the number of bytes written, or SIZE_MAX when `digits` is not hex; `out` then holds
// rubbish.
std::size_t decode_hex_to(std::string_view digits, char* out) noexcept;

// The kernel's form: upper-case digits.
std::string encode_hex(std::string_view bytes);

}  // namespace sorrel
