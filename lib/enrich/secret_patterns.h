#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "enrich/options.h"

namespace sorrel::enrich {

// Where a rule found a secret, in the text that was searched.
struct Finding {
  std::size_t begin;
  std::size_t end;
  std::uint32_t rule;

  friend auto operator<=>(const Finding&, const Finding&) = default;
};

// The rules' patterns, compiled. The only place that knows RE2: a search takes time that is linear
// in the text, whatever the pattern. For one thread at a time.
class SecretPatterns {
 public:
  static constexpr std::size_t kMaxPrograms = 512;
  using Programs = std::bitset<kMaxPrograms>;

  // What a rule does at a word.
  enum class Use : std::uint8_t {
    within,  // it looks for a secret in the word
    after,   // the word is the one before its secret
    cut,     // as `within`, for a word whose end is missing
  };
  struct Candidate {
    std::uint32_t rule;
    Use use;
  };

  // Errors: a pattern that is none, or without a group; more programs than kMaxPrograms. The
  // message begins with the rule's place.
  static Result<SecretPatterns> compile(std::span<const SecretRule> rules);

  SecretPatterns(SecretPatterns&&) noexcept;
  SecretPatterns& operator=(SecretPatterns&&) noexcept;
  ~SecretPatterns();

  // False when no rule can find anything in the text, words and all, unless the program is known
  // from elsewhere. One quick pass; most texts go no further.
  bool may_match(std::string_view text) const;

  // Adds the program that `path` names to `programs`; returns whether any rule knows it.
  bool add_program(std::string_view path, Programs& programs) const;
  bool applies(std::uint32_t rule, const Programs& programs) const noexcept;
  // Whether the rule's pattern speaks of the beginning of a word (^).
  bool is_anchored(std::uint32_t rule) const noexcept;

  // What there is to do at `word`, programs aside.
  void candidates(std::string_view word, std::vector<Candidate>& out);
  // Appends what the rule finds in text[begin, end).
  void find(const Candidate& candidate, std::string_view text, std::size_t begin, std::size_t end,
            std::vector<Finding>& out) const;

 private:
  struct Compiled;
  explicit SecretPatterns(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
};

}  // namespace sorrel::enrich
