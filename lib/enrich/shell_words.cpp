#include "enrich/shell_words.h"

#include <array>

namespace sorrel::enrich {
namespace {

enum Kind : std::uint8_t { kPlain, kBlank, kLineEnd, kOperator, kRedirect, kQuote, kBackslash };

constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (const char c : std::string_view("\0 \t\v\f", 5))
    kinds[static_cast<unsigned char>(c)] = kBlank;
  for (const char c : std::string_view("\n\r\x03")) kinds[static_cast<unsigned char>(c)] = kLineEnd;
  for (const char c : std::string_view(";&|()`")) kinds[static_cast<unsigned char>(c)] = kOperator;
  for (const char c : std::string_view("<>")) kinds[static_cast<unsigned char>(c)] = kRedirect;
  for (const char c : std::string_view("'\"")) kinds[static_cast<unsigned char>(c)] = kQuote;
  kinds['\\'] = kBackslash;
  return kinds;
}();

Kind kind(char c) noexcept {
  return kKinds[static_cast<unsigned char>(c)];
}

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool ShellWords::has_several(std::string_view text) {
  for (const char c : text)
    if (kind(c) != kPlain && kind(c) != kBackslash) return true;
  return false;
}

// What follows the quote at `at` and its partner. One that has none opens a text that was cut when
// it stands where a quoted text begins; behind a letter it is an apostrophe.
std::size_t ShellWords::behind_quoted(std::size_t at) const {
  const char quote = text_[at];
  for (std::size_t i = at + 1; i < text_.size(); ++i) {
    if (text_[i] == quote) return i + 1;
    if (text_[i] == '\\' && quote == '"') ++i;
  }
  return at == 0 || !is_letter_or_digit(text_[at - 1]) ? text_.size() : at + 1;
}

std::size_t ShellWords::end_of_word(std::size_t at) const {
  while (at < text_.size()) {
    switch (kind(text_[at])) {
      case kBlank:
      case kLineEnd:
        return at;
      case kOperator:
      case kRedirect:
        if (style_ == Style::shell) return at;
        ++at;
        break;
      case kQuote:
        at = behind_quoted(at);
        break;
      case kBackslash:
        at += 2;
        break;
      case kPlain:
        ++at;
    }
  }
  return text_.size();
}

bool ShellWords::next(Word& word) {
  for (; at_ < text_.size(); ++at_) {
    const Kind k = kind(text_[at_]);
    const bool is_operator = (k == kOperator || k == kRedirect) && style_ == Style::shell;
    if (k != kBlank && k != kLineEnd && !is_operator) break;
    starts_command_ |= k == kLineEnd || k == kOperator;
  }
  if (at_ >= text_.size()) return false;
  word = {at_, end_of_word(at_), starts_command_, false};
  starts_command_ = false;
  at_ = word.end;
  if (kind(text_[word.begin]) != kQuote) return true;
  const std::size_t behind = behind_quoted(word.begin);
  if (behind != word.end) return true;
  word.was_quoted = true;
  const char quote = text_[word.begin++];
  if (word.end > word.begin && text_[word.end - 1] == quote) --word.end;
  return true;
}

}  // namespace sorrel::enrich
