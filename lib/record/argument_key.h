#pragma once

#include <cstdint>
#include <string_view>

namespace sorrel::record {

// What a key of an EXECVE record says about an argument of the new program: a12 is the whole of
// it, a12_len the length of the text of one that needs several fields (or records), a12[3] its
// fourth part. Numbers are those of the kernel, which counts arguments and parts from 0.
// Source: linux/kernel/auditsc.c, audit_log_execve_info().
struct ArgumentKey {
  enum class Kind : std::uint8_t { none, whole, length, fragment };
  Kind kind = Kind::none;
  std::uint32_t index = 0;
  std::uint32_t fragment = 0;  // only for Kind::fragment
};

// Kind::none for every other key, and for a number that does not fit into 32 bits or begins with a
// zero that is not its only digit (the kernel writes "%d").
ArgumentKey parse_argument_key(std::string_view key) noexcept;

}  // namespace sorrel::record
