#include "host/proc_stat.h"

#include <charconv>

namespace sorrel::host {
namespace {

// Takes a number, and the blank or line end behind it.
template <class Number>
bool take(std::string_view& rest, Number& number) noexcept {
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  if (rest.empty()) return true;
  if (rest.front() == '\t') return true;
  if (rest.front() != ' ' && rest.front() != '\n') return false;
  rest.remove_prefix(1);
  return true;
}

bool skip(std::string_view& rest, int fields) noexcept {
  for (; fields > 0; --fields) {
    const std::size_t blank = rest.find(' ');
    if (blank == rest.npos) return false;
    rest.remove_prefix(blank + 1);
  }
  return true;
}

// The rest of the line that begins with `key`, which holds no name of a process: those come first
// in /proc/PID/status, with their line ends escaped.
std::string_view find_line(std::string_view text, std::string_view key) noexcept {
  while (!text.starts_with(key)) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  text.remove_prefix(key.size());
  return text.substr(0, text.find('\n'));
}

}  // namespace

bool parse_proc_stat(std::string_view text, ProcStat& stat) noexcept {
  if (!take(text, stat.pid) || text.empty() || text.front() != '(') return false;
  const std::size_t close = text.rfind(')');
  if (close == text.npos) return false;
  stat.comm = text.substr(1, close - 1);
  text.remove_prefix(close + 1);
  if (text.size() < 4 || text[0] != ' ' || text[2] != ' ') return false;
  stat.state = text[1];
  text.remove_prefix(3);
  // The numbers are those of proc(5): 4 to 6, then 9 and 22.
  return take(text, stat.ppid) && take(text, stat.process_group) && take(text, stat.session) &&
         skip(text, 2) && take(text, stat.flags) && skip(text, 12) && take(text, stat.start_ticks);
}

std::uint64_t parse_boot_time(std::string_view text) noexcept {
  std::string_view line = find_line(text, "btime ");
  std::uint64_t seconds = 0;
  return take(line, seconds) ? seconds : 0;
}

NamespacePids parse_namespace_pids(std::string_view text) noexcept {
  std::string_view line = find_line(text, "NSpid:");
  NamespacePids pids;
  while (line.starts_with('\t')) {
    line.remove_prefix(1);
    if (!take(line, pids.innermost)) return {};
    ++pids.depth;
  }
  return line.empty() ? pids : NamespacePids{};
}

}  // namespace sorrel::host
