#include "sink/index_pattern.h"

#include <algorithm>
#include <chrono>

namespace sorrel::sink {
namespace {

// Source: Elasticsearch's reference, "Create index API", and OpenSearch's, which is the same.
constexpr std::string_view kForbidden = "\\/*?\"<>| ,#:";
constexpr std::size_t kMaxNameBytes = 255;

void append_number(std::string& out, unsigned number, std::size_t digits) {
  const std::string text = std::to_string(number);
  out.append(digits - std::min(digits, text.size()), '0').append(text);
}

}  // namespace

Result<IndexPattern> IndexPattern::parse(std::string pattern) {
  const auto refuse = [&pattern](const std::string& why) {
    return fail(std::errc::invalid_argument, "the index '" + pattern + "': " + why);
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (c == '%') {
      ++i;
      if (i == pattern.size() || std::string_view("Ymd").find(pattern[i]) == std::string::npos) {
        return refuse("% is followed by Y, m or d");
      }
    } else if (is_upper || c <= 0x20 || c >= 0x7f || kForbidden.find(c) != std::string_view::npos) {
      return refuse("an index has lower-case letters, digits, '.', '-' and '_'");
    }
  }
  if (pattern.empty() || pattern.size() > kMaxNameBytes - 16 ||
      std::string_view("-_+").find(pattern[0]) != std::string::npos || pattern == "." ||
      pattern == "..") {
    return refuse("it is empty, too long, or begins with '-', '_' or '+'");
  }
  return IndexPattern(std::move(pattern));
}

void IndexPattern::append_to(std::string& out, std::uint64_t time_ns) const {
  const std::size_t first = pattern_.find('%');
  if (first == std::string::npos) {
    out += pattern_;
    return;
  }
  constexpr std::uint64_t kDayNs = 86'400ULL * 1'000'000'000;
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(time_ns / kDayNs)))};
  out.append(pattern_, 0, first);
  for (std::size_t i = first; i < pattern_.size(); ++i) {
    if (pattern_[i] != '%') {
      out += pattern_[i];
      continue;
    }
    switch (pattern_[++i]) {
      case 'Y':
        append_number(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
        break;
      case 'm':
        append_number(out, static_cast<unsigned>(date.month()), 2);
        break;
      default:
        append_number(out, static_cast<unsigned>(date.day()), 2);
        break;
    }
  }
}

}  // namespace sorrel::sink
