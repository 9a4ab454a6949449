#include "enrich/secret_spans.h"

#include <algorithm>

namespace sorrel::enrich {

void SecretSpans::clear() noexcept {
  spans_.clear();
  rules_.clear();
}

void SecretSpans::join(std::string_view text, std::span<const Finding> findings) {
  clear();
  for (const Finding& finding : findings) {
    if (text.substr(finding.begin, finding.end - finding.begin) == kRedacted) continue;
    if (spans_.empty() || finding.begin > spans_.back().end)
      spans_.push_back({finding.begin, finding.end, rules_.size(), rules_.size()});
    SecretSpan& span = spans_.back();
    span.end = std::max(span.end, finding.end);
    if (std::ranges::find(rules(span), finding.rule) != rules(span).end()) continue;
    rules_.push_back(finding.rule);
    span.rules_end = rules_.size();
  }
}

// The first span that ends behind `at`.
const SecretSpan* SecretSpans::first_behind(std::size_t at) const noexcept {
  const auto found = std::ranges::upper_bound(spans_, at, {}, &SecretSpan::end);
  return spans_.data() + (found - spans_.begin());
}

bool SecretSpans::touches(std::size_t begin, std::size_t end) const noexcept {
  const SecretSpan* const span = first_behind(begin);
  return span != spans_.data() + spans_.size() && span->begin < end;
}

void SecretSpans::append_redacted(std::string_view text, std::size_t begin, std::size_t end,
                                  std::string& out) const {
  const SecretSpan* const last = spans_.data() + spans_.size();
  for (const SecretSpan* span = first_behind(begin); span != last && span->begin < end; ++span) {
    if (span->begin >= begin) out.append(text.substr(begin, span->begin - begin)).append(kRedacted);
    begin = std::min(span->end, end);
  }
  out.append(text.substr(begin, end - begin));
}

}  // namespace sorrel::enrich
