#include "config/problem.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"

namespace sorrel::config {

std::string Problem::place() const {
  if (line <= 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Problem::to_string() const {
  return place() + ": " + message;
}

std::string one_a_line(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.to_string();
  }
  return text;
}

void Report::add(Position at, std::string message) {
  ++count_;
  if (problems_.size() < kMaxProblems) {
    problems_.push_back({file_, at.line, at.column, std::move(message)});
  }
}

void Report::add_here(Position at, std::string_view message) {
  add(at, path_.empty() ? std::string(message) : path_ + ": " + std::string(message));
}

std::vector<Problem> Report::take() {
  std::vector<Problem> problems = std::exchange(problems_, {});
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
  const std::size_t held_back = std::exchange(count_, 0) - problems.size();
  if (held_back > 0) {
    problems.push_back({file_, 0, 0, "and " + std::to_string(held_back) + " more problems"});
  }
  return problems;
}

Report::Inside::Inside(Report& report, std::string_view key)
    : report_(report), size_before_(report.path_.size()) {
  if (size_before_ > 0) report_.path_ += '.';
  report_.path_ += key;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  std::size_t end = std::min(text.size(), kMaxShown);
  // Not in the middle of a UTF-8 character.
  while (end < text.size() && end > 0 && (text[end] & '\xc0') == '\x80') --end;

  std::string out = "'";
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F, 0xc2 and one byte, are control characters too.
    const bool c1 = byte == 0xc2 && i + 1 < end && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1) {
      out += "\\x" + encode_hex(text.substr(i, 1));
    } else {
      out += text[i];
    }
  }
  out += end < text.size() ? "...'" : "'";
  return out;
}

}  // namespace sorrel::config
