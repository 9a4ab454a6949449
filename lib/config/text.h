#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/value.h"

// The forms of options that hold text, and of lists and maps of text.
namespace sorrel::config {

// A form of text: what is wrong with `text`, or "".
struct TextForm {
  std::string_view wanted;
  std::string (*check)(std::string_view text);
};

extern const TextForm kText;        // up to 1024 bytes; no line breaks or other control characters
extern const TextForm kName;        // 1..64 of A-Z a-z 0-9 . _ -, the first a letter or digit
extern const TextForm kUserName;    // of a user or group: as kName, also _ first, @ and \ within
extern const TextForm kNodeName;    // 1..255 printable ASCII bytes without a space, quote or =
extern const TextForm kFilePath;    // absolute, at most 4095 bytes, of a file
extern const TextForm kSocketPath;  // the same within sun_path's 107 bytes
extern const TextForm kDirectory;   // absolute, not /
extern const TextForm kOutputPath;  // a file, or - for standard output
extern const TextForm kAddress;     // HOST:PORT or [V6]:PORT
extern const TextForm kTypeName;    // of records: EXECVE, SORREL_LOSS, UNKNOWN[1350]

Scalar text(std::string& target, const TextForm& form);
Scalar text(std::optional<std::string>& target, const TextForm& form);
// An empty target is one that is not set, and not printed.
Scalar text_if_any(std::string& target, const TextForm& form);

// A list, or one word for a list of one. At most kMaxListItems.
inline constexpr std::size_t kMaxListItems = 256;
Value list(std::vector<std::string>& target, const TextForm& form);

// A map of keys (kName) to texts (kText). At most kMaxMapEntries.
inline constexpr std::size_t kMaxMapEntries = 64;
Value text_map(std::map<std::string, std::string>& target);

// A list of words, each of which turns on one switch; those not in the list are off.
struct Flag {
  std::string_view word;
  bool* target;
};
Value flags(std::vector<Flag> all);

}  // namespace sorrel::config
