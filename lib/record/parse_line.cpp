#include <cstring>

#include "record/datagram.h"
#include "record/scan.h"

namespace sorrel::record {
namespace {

template <std::size_t Size>  // with the NUL
bool take_prefix(const char*& p, const char* end, const char (&prefix)[Size]) noexcept {
  if (static_cast<std::size_t>(end - p) < Size - 1) return false;
  if (std::memcmp(p, prefix, Size - 1) != 0) return false;
  p += Size - 1;
  return true;
}

// Takes what stands before the first blank, and the blank. False when there is none, or no word.
bool take_word(const char*& p, const char* end, std::string_view& word) noexcept {
  const char* const first = p;
  if (end - p >= 16) p = skip_to_blank(p);
  while (p < end && *p != ' ') ++p;
  if (p == end || p == first) return false;
  word = {first, static_cast<std::size_t>(p - first)};
  ++p;
  return true;
}

}  // namespace

Datagram parse_line(std::string_view line) noexcept {
  Datagram datagram;
  if (line.ends_with('\n')) line.remove_suffix(1);
  datagram.line = line;
  const char* p = line.data();
  const char* end = p + line.size();
  // What ends a line on its way through files and sockets; a blank belongs to the record (an empty
  // body is written as "audit(1.000:1): ").
  while (end > p && (end[-1] == '\r' || end[-1] == '\0')) --end;
  std::string_view node;
  std::string_view type;
  if (take_prefix(p, end, "node=") && !take_word(p, end, node)) return datagram;
  if (!take_prefix(p, end, "type=") || !take_word(p, end, type)) return datagram;
  if (!take_prefix(p, end, "msg=")) return datagram;
  const char* const payload = p;
  if (!take_prefix(p, end, "audit(")) return datagram;

  datagram.payload = {payload, static_cast<std::size_t>(end - payload)};
  datagram.node = node;
  datagram.type_name = type;
  datagram.type = type_number(type).value_or(type::kUnknownName);
  return datagram;
}

}  // namespace sorrel::record
