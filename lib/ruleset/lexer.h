#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ruleset/finding.h"

// Splits a rules file into lines and words. auditctl splits at spaces and knows two escapes, `\ `
// and `\\`; here tabs, quotes, CRLF, indented comments and a last line without an end work, too.
// What can only be a mistake is told.
namespace sorrel::ruleset {

struct Word {
  std::string text;  // without escapes and quotes
  Place place;
  bool is_plain = true;  // the text is as it was written, so columns within it are known

  // Where byte `offset` of the text is written, or the word's begin when that is not known.
  Place place_of(std::size_t offset) const noexcept;
  // The rest from `offset` on.
  Word from(std::size_t offset) const;
};

// A line with words; empty lines and comments are passed over. A directive is a comment that begins
// with `#@`: it is for sorrel, and auditctl does not see it.
struct Line {
  std::vector<Word> words;
  Place place;
  bool is_directive = false;
};

class Lexer {
 public:
  static constexpr std::size_t kMaxLineBytes = std::size_t{16} << 10;
  static constexpr std::uint32_t kMaxLines = 1'000'000;

  // `text` must outlive the lexer.
  Lexer(std::uint32_t file, std::string_view text, Findings& findings);

  // False at the end. Lines that cannot be split are told and passed over.
  bool next(Line& line);

 private:
  bool split(std::string_view text, Line& line);
  bool read_word(std::string_view text, std::size_t& at, Line& line);
  Place place(std::size_t offset) const noexcept;
  bool refuse(std::size_t offset, Reason reason);

  std::string_view rest_;
  Findings& findings_;
  std::uint32_t file_;
  std::uint32_t line_ = 0;
};

}  // namespace sorrel::ruleset
