#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sorrel::enrich {

// Cuts a command line into words about as a shell does. Total: whatever the bytes are, each byte
// that is no separator is in one word. Words are views into the text, with what quotes and
// backslashes they have inside; those around a whole word are not part of it.
class ShellWords {
 public:
  enum class Style : std::uint8_t {
    shell,   // as typed: ; & | ( ) < > and backticks separate, too
    blanks,  // arguments that somebody joined: there, these are bytes like any other
  };
  struct Word {
    std::size_t begin;
    std::size_t end;
    bool starts_command;  // the first one, or behind ; & | ( ) a backtick or a line break
    bool was_quoted;
  };

  ShellWords(std::string_view text, Style style) : text_(text), style_(style) {}

  // False at the end.
  bool next(Word& word);

  // True when the text could be more than one word.
  static bool has_several(std::string_view text);

 private:
  std::size_t end_of_word(std::size_t at) const;
  std::size_t behind_quoted(std::size_t at) const;

  const std::string_view text_;
  const Style style_;
  std::size_t at_ = 0;
  bool starts_command_ = true;
};

}  // namespace sorrel::enrich
