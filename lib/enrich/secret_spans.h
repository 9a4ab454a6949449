#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/secret_patterns.h"

namespace sorrel::enrich {

// What stands in the place of a secret. Of one length, so that the secret's does not show.
inline constexpr std::string_view kRedacted = "<redacted>";

// The bytes of a text that must go: findings, those that overlap or touch joined.
struct SecretSpan {
  std::size_t begin;
  std::size_t end;
  std::size_t first_rule;  // in SecretSpans::rules()
  std::size_t rules_end;
};

class SecretSpans {
 public:
  void clear() noexcept;
  // Takes findings that are in order. What is the mark already is no secret.
  void join(std::string_view text, std::span<const Finding> findings);

  bool empty() const noexcept { return spans_.empty(); }
  std::span<const SecretSpan> spans() const noexcept { return spans_; }
  // The rules of one span, each once.
  std::span<const std::uint32_t> rules(const SecretSpan& span) const noexcept {
    return {rules_.data() + span.first_rule, span.rules_end - span.first_rule};
  }

  // Appends text[begin, end) with a mark where a span begins and nothing of what is in one.
  void append_redacted(std::string_view text, std::size_t begin, std::size_t end,
                       std::string& out) const;
  bool touches(std::size_t begin, std::size_t end) const noexcept;

 private:
  const SecretSpan* first_behind(std::size_t at) const noexcept;

  std::vector<SecretSpan> spans_;
  std::vector<std::uint32_t> rules_;
};

}  // namespace sorrel::enrich
