#include "ruleset/lexer.h"

#include <algorithm>
#include <utility>

namespace sorrel::ruleset {
namespace {

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

constexpr bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

Place Word::place_of(std::size_t offset) const noexcept {
  Place at = place;
  if (is_plain) at.column += static_cast<std::uint32_t>(offset);
  return at;
}

Word Word::from(std::size_t offset) const {
  return {text.substr(std::min(offset, text.size())), place_of(offset), is_plain};
}

Lexer::Lexer(std::uint32_t file, std::string_view text, Findings& findings)
    : rest_(text), findings_(findings), file_(file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.starts_with(kByteOrderMark)) {
    line_ = 1;
    findings_.warning(place(0), {"byte-order-mark",
                                 "the file begins with a byte order mark, at which auditctl fails",
                                 "save it without one"});
    line_ = 0;
    rest_.remove_prefix(kByteOrderMark.size());
  }
}

bool Lexer::next(Line& line) {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
    if (line_ > kMaxLines) {
      rest_ = {};
      return refuse(0, {"file-too-long", "the file has more than 1,000,000 lines", "split it"});
    }
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (split(text, line)) return true;
  }
  return false;
}

bool Lexer::split(std::string_view text, Line& line) {
  line.words.clear();
  line.is_directive = false;
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at == text.size()) return false;
  line.place = place(at);
  if (text[at] == '#') {
    if (!text.substr(at).starts_with("#@")) return false;
    line.is_directive = true;
    at += 2;
  }
  if (text.size() > kMaxLineBytes) {
    return refuse(0, {"line-too-long", "the line has more than 16384 bytes", "split the rule"});
  }
  const auto control = std::ranges::find_if(text, is_control);
  if (control != text.end()) {
    return refuse(static_cast<std::size_t>(control - text.begin()),
                  {"byte-control", "the line has a control character", "remove it"});
  }
  while (true) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return true;
    if (!read_word(text, at, line)) return false;
  }
}

bool Lexer::read_word(std::string_view text, std::size_t& at, Line& line) {
  Word word{{}, place(at), true};
  char quote = 0;
  std::size_t quote_at = at;
  for (; at < text.size() && (quote != 0 || !is_blank(text[at])); ++at) {
    const char c = text[at];
    if (c == '\\' && quote != '\'') {
      if (at + 1 == text.size()) {
        return refuse(at, {"escape-open", "the line ends with a backslash",
                           "write the whole rule in one line: there are no continued lines"});
      }
      // Any other backslash is one, as auditctl reads it.
      if (std::string_view(" \t\\\"'").find(text[at + 1]) != std::string_view::npos) {
        word.text += text[++at];
        word.is_plain = false;
        continue;
      }
    }
    if (quote == 0 ? c == '"' || c == '\'' : c == quote) {
      quote_at = at;
      quote = quote == 0 ? c : '\0';
      word.is_plain = false;
      continue;
    }
    word.text += c;
  }
  if (quote != 0) {
    return refuse(quote_at,
                  {"quote-open", "the quote is not closed before the end of the line",
                   "close it, or write \\" + std::string(1, quote) + " for the character itself"});
  }
  line.words.push_back(std::move(word));
  return true;
}

Place Lexer::place(std::size_t offset) const noexcept {
  return {file_, line_, static_cast<std::uint32_t>(offset + 1)};
}

bool Lexer::refuse(std::size_t offset, Reason reason) {
  findings_.error(place(offset), std::move(reason));
  return false;
}

}  // namespace sorrel::ruleset
