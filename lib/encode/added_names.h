#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "encode/json_writer.h"

namespace sorrel::encode {

// The keys that we add inside a record. They are upper case ("ARGV"), as LAUREL's; with a prefix,
// for stores that take names for equal that differ only in case, prefix and lower case ("e_argv").
// The keys that auditd's ENRICHED format appends (UID, ARCH ...) are treated alike.
class AddedNames {
 public:
  explicit AddedNames(std::string prefix) : prefix_(std::move(prefix)) {}

  bool has_prefix() const noexcept { return !prefix_.empty(); }
  // Writes `,"name":` for an upper-case `name` that needs no escape.
  void put_key(JsonWriter& w, std::string_view name) const noexcept {
    if (prefix_.empty()) return w.member(name);
    w.put(",\"");
    w.put(prefix_);
    for (const char c : name) w.put(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    w.put("\":");
  }

 private:
  std::string prefix_;
};

}  // namespace sorrel::encode
