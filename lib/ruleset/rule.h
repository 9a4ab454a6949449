#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What the kernel knows of a rule. Text is compiled to it, the kernel's list is decoded to it, and
// plans are made of it. Source: linux/include/uapi/linux/audit.h, struct audit_rule_data.
namespace sorrel::ruleset {

// The kernel's filter lists, by its numbers.
enum class List : std::uint8_t {
  user = 0,
  task = 1,
  exit = 4,
  exclude = 5,
  filesystem = 6,
  io_uring = 7
};

enum class Action : std::uint8_t { never = 0, always = 2 };

// Comparisons, by the kernel's bits.
enum class Op : std::uint32_t {
  equal = 0x40000000,
  not_equal = 0x30000000,
  less = 0x10000000,
  greater = 0x20000000,
  less_or_equal = 0x50000000,
  greater_or_equal = 0x60000000,
  bit_mask = 0x08000000,
  bit_test = 0x48000000,
};

// One -F, -C, -k or -p of a rule. Fields whose value is a text (path, dir, exe, key, subj_*, obj_*)
// have it in `text`, and `value` is its size.
struct Field {
  std::uint32_t id = 0;  // AUDIT_*: AUDIT_PATH, AUDIT_FIELD_COMPARE ...
  Op op = Op::equal;
  std::uint32_t value = 0;
  std::string text = {};

  friend bool operator==(const Field&, const Field&) = default;
};

// One rule as the kernel holds it. The order of the fields is part of it.
struct Rule {
  static constexpr std::size_t kMaskWords = 64;  // AUDIT_BITMASK_SIZE: system calls 0 to 2047
  static constexpr std::size_t kMaxFields = 64;  // AUDIT_MAX_FIELDS

  List list = List::exit;
  bool prepend = false;  // -A: goes to the front of its list; the kernel does not remember it
  Action action = Action::always;
  std::array<std::uint32_t, kMaskWords> mask = {};  // bit n of word n/32: system call n
  std::vector<Field> fields = {};

  friend bool operator==(const Rule&, const Rule&) = default;
};

}  // namespace sorrel::ruleset
