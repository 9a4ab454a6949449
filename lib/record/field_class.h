#pragma once

#include <cstdint>
#include <string_view>

#include "record/record_type.h"

// What the value of a field means, known from its key and the type of its record. A value that
// does not have the form of its class (exit=?, flags="ro") is text: nothing is ever dropped.
namespace sorrel::record {

enum class FieldClass : std::uint8_t {
  // A name that no table has. Text, unless looks_hex_encoded(): nobody knows whether 1000 is a
  // number or two bytes, and to read it as bytes would destroy it.
  unclassified,
  text,        // as it is; quotes come off; never hex
  decimal,     // [+-]digits within 64 signed bits: a JSON number
  hex_number,  // up to 16 digits, with or without 0x: "0x" and the digits without leading zeros
  octal,       // digits 0..7: "0o" and the digits without leading zeros
  escaped,     // the kernel's untrusted string: "quoted", or bare hex (is_hex_encoded()): bytes
  argument,    // EXECVE's aN and aN[M]: as escaped; see argument_key.h
  argument_length,  // EXECVE's aN_len: decimal
  proctitle,        // as escaped; NUL bytes stand between the arguments
  sockaddr,         // hex of a struct sockaddr (sockaddr.h)
  tty_data,         // always bare hex: what was typed
  message,          // msg='key=value ...' of a user message, see class_in_message()
};

// What a number names, for those who look up names. A role is given only to keys that are known to
// have it: tgid and uuid end in "gid" and "uid", too.
enum class KeyRole : std::uint8_t { none, user, group, process };

// A key's place in the table of known keys: 1..kKeyCount; stable within one build only.
using KeyId = std::uint16_t;
inline constexpr KeyId kUnknownKey = 0;

// key::kA0, key::kArch ...: a constant for every known key.
namespace key {
enum Id : KeyId {
  kNone,
#define SORREL_KEY(constant, name, cls, role) constant,
#include "record/field_keys.inc"
#undef SORREL_KEY
  kEnd
};
}  // namespace key

inline constexpr KeyId kKeyCount = key::kEnd - 1;

struct KeyInfo {
  std::string_view name;  // lives for ever
  FieldClass cls = FieldClass::unclassified;
  KeyRole role = KeyRole::none;
};

// The id of a key as the record has it (case matters), or kUnknownKey. Constant time.
KeyId find_key(std::string_view key) noexcept;

// What is known of a key: its usual class, before class_of() looks at the record's type. For
// kUnknownKey, and any number that is no id: no name, unclassified.
const KeyInfo& key_info(KeyId id) noexcept;

// How the value of `key` is read in a record of `type`. `id` must be find_key(key); the text
// matters only where the table ends: a key that ends in uid or gid is a decimal (as LAUREL has it),
// one in UID or GID is a name that auditd added, aN is an argument of EXECVE.
FieldClass class_of(RecordType type, KeyId id, std::string_view key) noexcept;

// The same for a pair inside msg='...' of a user message: programs write there what they like, and
// LAUREL's JSON has strings only, so that a class is text, escaped or unclassified.
FieldClass class_in_message(KeyId id) noexcept;

// True when a bare value is the kernel's or libaudit's hex form: an even number of digits, at
// least two, in either case.
bool is_hex_encoded(std::string_view bare) noexcept;

// True when a bare value of an unclassified key can only be meant as hex: is_hex_encoded() in upper
// case with at least one letter, and it decodes to a byte that forces this form (a control byte, a
// blank, a quote, or one that is not ASCII). Without the last, "ADDEAD" would have been quoted.
// Source: linux/kernel/audit.c, audit_string_contains_control().
bool looks_hex_encoded(std::string_view bare) noexcept;

}  // namespace sorrel::record
