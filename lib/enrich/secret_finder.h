#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "enrich/secret_patterns.h"
#include "enrich/shell_words.h"

namespace sorrel::enrich {

// A part of a text, from byte to byte.
struct TextRange {
  std::size_t begin;
  std::size_t end;
};

// Applies the rules to command lines: knows which word follows which, and after which program. An
// argument that is a command line itself (sh -c '...') is searched as one, too, and so on.
class SecretFinder {
 public:
  static constexpr unsigned kMaxDepth = 4;

  explicit SecretFinder(SecretPatterns& patterns) : patterns_(patterns) {}

  // Forgets what was found. `exe` is the program that is running, if that is known: all that
  // follows are words of its command.
  void begin(std::string_view exe);
  // Whether a rule cares for that program, so that SecretPatterns::may_match() does not tell all.
  bool knows_exe() const noexcept { return knows_exe_; }
  // `end_is_cut`: the last argument may go on where nobody can see it.
  void search_arguments(std::string_view text, std::span<const TextRange> arguments,
                        bool end_is_cut);
  void search_text(std::string_view text, ShellWords::Style style);

  // What was found since begin(), in order, each once. A finding may overlap the one before.
  std::span<const Finding> take_findings();

 private:
  struct Command {
    SecretPatterns::Programs programs;
    std::vector<std::uint32_t> expected;  // rules whose `after` was the word before
  };

  // Which part of a text a word is.
  enum class Place : std::uint8_t {
    word,
    cut,      // a word whose end is missing
    several,  // no word but a command line: what speaks of a word's beginning is not meant
  };

  void search_word(std::string_view text, TextRange word, Command& command, Place place);
  void search_inside(std::string_view text, TextRange range, ShellWords::Style style,
                     unsigned depth);

  SecretPatterns& patterns_;
  SecretPatterns::Programs exe_;
  bool knows_exe_ = false;
  std::vector<Finding> findings_;
  std::vector<SecretPatterns::Candidate> candidates_;
  std::vector<std::uint32_t> expected_;  // scratch
};

}  // namespace sorrel::enrich
