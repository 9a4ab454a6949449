#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "enrich/meaning_tables.h"

// The parts that interpretations are put together from, in ausearch's spelling.
namespace sorrel::enrich {

// Appends to a buffer that has room for all (kInterpretationSize in interpret.h).
class TextWriter {
 public:
  explicit TextWriter(char* begin) noexcept : begin_(begin), at_(begin) {}

  std::string_view text() const noexcept {
    return {begin_, static_cast<std::size_t>(at_ - begin_)};
  }
  bool is_empty() const noexcept { return at_ == begin_; }

  void put(std::string_view part) noexcept {
    std::memcpy(at_, part.data(), part.size());
    at_ += part.size();
  }
  void put(char c) noexcept { *at_++ = c; }
  // A part of a list: the separator stands between two of them.
  void put_item(std::string_view part, char separator = '|') noexcept {
    if (!is_empty()) put(separator);
    put(part);
  }
  void put_hex_item(std::uint64_t number, char separator = '|') noexcept {
    put_item("0x", separator);
    at_ = std::to_chars(at_, at_ + 16, number, 16).ptr;
  }

 private:
  char* const begin_;
  char* at_;
};

// The names of the bits that are set, lowest first: "O_CREAT|O_EXCL". Returns those without a name.
std::uint64_t put_flags(TextWriter& out, FlagTable table, std::uint64_t value) noexcept;

// put_flags(), then what has no name as one number: "O_CREAT|0x30". Nothing when no bit has a name:
// a number alone says no more than the record does. Names that are in `out` before count.
void put_flags_and_rest(TextWriter& out, FlagTable table, std::uint64_t value) noexcept;

// "suid,sgid,sticky,0755": the permissions of a mode.
void put_mode(TextWriter& out, std::uint32_t mode) noexcept;

// "file,suid,755": a mode with its file type, which is a number when it is none of the kernel's.
void put_node_mode(TextWriter& out, std::uint32_t mode) noexcept;

// The same for a file or a folder that has permissions only: a view that lives for ever. Empty for
// any other mode.
std::string_view usual_node_mode(std::uint32_t mode) noexcept;

// "chown,dac_override": the capabilities of a mask; bits that are none come last as a number.
void put_capabilities(TextWriter& out, std::uint64_t mask) noexcept;

}  // namespace sorrel::enrich
