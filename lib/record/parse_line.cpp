#include "base/event_id.h"
#include "record/datagram.h"
#include "record/stamp.h"

namespace sorrel::record {
namespace {

// Takes `prefix` off the front of `text`, if it is there.
bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes what stands before the first blank, and the blank. False when there is no blank.
bool take_word(std::string_view& text, std::string_view& word) noexcept {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return false;
  word = text.substr(0, blank);
  text.remove_prefix(blank + 1);
  return true;
}

// What ends a line on its way through files and sockets; a blank belongs to the record (an empty
// body is written as "audit(1.000:1): ").
std::string_view without_line_end(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

Datagram parse_line(std::string_view line) noexcept {
  Datagram datagram;
  if (line.ends_with('\n')) line.remove_suffix(1);
  datagram.line = line;

  std::string_view rest = without_line_end(line);
  std::string_view node;
  std::string_view type;
  if (take_prefix(rest, "node=") && !take_word(rest, node)) return datagram;
  if (!take_prefix(rest, "type=") || !take_word(rest, type) || type.empty()) return datagram;
  if (!take_prefix(rest, "msg=")) return datagram;
  EventId id;
  std::string_view body;
  if (!parse_stamp(rest, id, body)) return datagram;

  datagram.payload = rest;
  datagram.node = node;
  datagram.type_name = type;
  datagram.type = type_number(type).value_or(type::kUnknownName);
  return datagram;
}

}  // namespace sorrel::record
