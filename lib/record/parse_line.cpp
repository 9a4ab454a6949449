#include <cstring>

#include "record/datagram.h"
#include "record/name_words.h"
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

#if defined(__SSE2__)
// The form that nearly every line has: no node, a type of up to 15 bytes that a table has, and
// nothing behind the record. Returns false for all others. At least kShortest bytes long.
constexpr std::size_t kShortest = 32;

bool parse_usual_line(std::string_view line, Datagram& datagram) noexcept {
  const char* const name = line.data() + 5;
  if (std::memcmp(line.data(), "type=", 5) != 0 || line.back() < ' ') return false;
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(name));
  const int blanks = _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(' ')));
  if (blanks == 0 || (blanks & 1) != 0) return false;  // too long, or no name
  const auto size = static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(blanks)));
  if (name[size - 1] == '\0') return false;  // it would have the words of the name without it
  const char* const payload = name + size + 5;
  if (std::memcmp(name + size, " msg=audit(", 11) != 0) return false;
  NameWords words;
  std::memcpy(&words, name, sizeof words);
  if (size < 8) {
    words.head &= (std::uint64_t{1} << 8 * size) - 1;
    words.tail = 0;
  } else {
    words.tail &= (std::uint64_t{1} << 8 * (size - 8)) - 1;
  }
  datagram.type = type_number(words);
  datagram.payload = {payload, line.size() - static_cast<std::size_t>(payload - line.data())};
  datagram.type_name = {name, size};
  return datagram.type != 0;
}
#endif

}  // namespace

void parse_line_to(std::string_view line, Datagram& datagram) noexcept {
  if (line.ends_with('\n')) line.remove_suffix(1);
  datagram.line = line;
#if defined(__SSE2__)
  if (line.size() >= kShortest && parse_usual_line(line, datagram)) [[likely]]
    return;
  datagram.payload = datagram.type_name = {};
  datagram.type = 0;
#endif

  const char* p = line.data();
  const char* end = p + line.size();
  // What ends a line on its way through files and sockets; a blank belongs to the record (an empty
  // body is written as "audit(1.000:1): ").
  while (end > p && (end[-1] == '\r' || end[-1] == '\0')) --end;
  std::string_view node;
  std::string_view type;
  if (take_prefix(p, end, "node=") && !take_word(p, end, node)) return;
  if (!take_prefix(p, end, "type=") || !take_word(p, end, type)) return;
  if (!take_prefix(p, end, "msg=")) return;
  const char* const payload = p;
  if (!take_prefix(p, end, "audit(")) return;

  datagram.payload = {payload, static_cast<std::size_t>(end - payload)};
  datagram.node = node;
  datagram.type_name = type;
  datagram.type = type_number(type).value_or(type::kUnknownName);
}

Datagram parse_line(std::string_view line) noexcept {
  Datagram datagram;
  parse_line_to(line, datagram);
  return datagram;
}

}  // namespace sorrel::record
