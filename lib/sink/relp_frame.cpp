#include "sink/relp_frame.h"

#include <algorithm>
#include <charconv>

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxDigits = 9;
constexpr std::size_t kMaxCommand = 32;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A word of some kind of characters at the beginning of `bytes`; it may not be whole.
template <class Is>
std::string_view take_word(std::string_view bytes, Is is) {
  return bytes.substr(0, static_cast<std::size_t>(std::find_if_not(bytes.begin(), bytes.end(), is) -
                                                  bytes.begin()));
}

std::uint32_t number_of(std::string_view digits) {
  std::uint32_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Unexpected<Error> broken(const char* what) {
  return fail(std::errc::protocol_error, std::string("what came is no RELP: ") + what);
}

}  // namespace

void append_relp_frame(std::uint32_t number, std::string_view command, std::string_view data,
                       std::string& out) {
  out += std::to_string(number);
  out += ' ';
  out += command;
  out += ' ';
  out += std::to_string(data.size());
  if (!data.empty()) {
    out += ' ';
    out += data;
  }
  out += '\n';
}

Result<std::optional<RelpFrame>> parse_relp_frame(std::string_view bytes) {
  const std::optional<RelpFrame> incomplete;
  RelpFrame frame;
  std::size_t at = 0;
  const std::string_view number = take_word(bytes, is_digit);
  if (number.size() > kMaxDigits) return broken("a transaction's number is too long");
  at += number.size();
  if (at == bytes.size()) return incomplete;
  if (number.empty() || bytes[at] != ' ') return broken("a frame does not begin with a number");
  frame.number = number_of(number);
  frame.command = take_word(bytes.substr(++at), is_letter);
  if (frame.command.size() > kMaxCommand) return broken("a command is too long");
  at += frame.command.size();
  if (at == bytes.size()) return incomplete;
  if (frame.command.empty() || bytes[at] != ' ') return broken("a frame has no command");
  const std::string_view length = take_word(bytes.substr(++at), is_digit);
  if (length.size() > kMaxDigits) return broken("a length is too long");
  at += length.size();
  if (at == bytes.size()) return incomplete;
  if (length.empty()) return broken("a frame has no length");
  const std::size_t size = number_of(length);
  if (size > kMaxRelpData) return broken("a frame is too long");
  if (size != 0) {
    if (bytes[at] != ' ') return broken("no blank stands before the data");
    ++at;
    if (bytes.size() - at <= size) return incomplete;
    frame.data = bytes.substr(at, size);
    at += size;
  } else if (bytes[at] == ' ') {
    // Some servers put the blank before data that is empty, too.
    if (++at == bytes.size()) return incomplete;
  }
  if (bytes[at] != '\n') return broken("a frame does not end with a line break");
  frame.size = at + 1;
  return std::optional(frame);
}

std::optional<int> relp_code(std::string_view data) {
  if (data.size() < 3 || !std::all_of(data.begin(), data.begin() + 3, is_digit)) {
    return std::nullopt;
  }
  if (data.size() > 3 && data[3] != ' ' && data[3] != '\n') return std::nullopt;
  return static_cast<int>(number_of(data.substr(0, 3)));
}

}  // namespace sorrel::sink
