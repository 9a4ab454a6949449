#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <utility>

namespace sorrel {
namespace {

constexpr int kLinesPerWindow = 10;
constexpr std::chrono::seconds kWindow{10};

std::atomic<Level> g_level{
    Level::info};  // the log's own settings: the one global that style.md allows

struct Site {
  std::chrono::steady_clock::time_point window_start{};
  int lines = 0;
  std::uint64_t held_back = 0;
};

// True when this call site may write now; `held_back` is what it had to swallow since its last
// line.
bool admit(const SourceLocation& where, std::uint64_t& held_back) {
  static std::mutex mutex;
  static std::map<std::pair<const char*, std::uint_least32_t>, Site> sites;  // bounded by the code
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex);
  Site& site = sites[{where.file_name(), where.line()}];
  if (site.lines == 0 || now - site.window_start >= kWindow) {
    site.window_start = now;
    site.lines = 0;
  }
  if (site.lines >= kLinesPerWindow) {
    ++site.held_back;
    return false;
  }
  ++site.lines;
  held_back = std::exchange(site.held_back, 0);
  return true;
}

std::string_view level_text(Level level, bool journal) {
  constexpr std::array<std::string_view, 5> kJournal = {"<7>", "<6>", "<5>", "<4>", "<3>"};
  constexpr std::array<std::string_view, 5> kPlain = {"debug: ", "",
                                                      "hint: ", "warning: ", "error: "};
  return (journal ? kJournal : kPlain)[static_cast<std::size_t>(level)];
}

void append_value(std::string& line, std::string_view value) {
  const bool quote = value.empty() || value.find_first_of(" \"=\n\\") != value.npos;
  if (!quote) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  line += '"';
}

}  // namespace

void set_log_level(Level level) noexcept {
  g_level = level;
}

void log(Level level, std::string_view message, std::initializer_list<LogField> fields,
         SourceLocation site) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  std::uint64_t held_back = 0;
  if (!admit(site, held_back)) return;
  static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line(journal ? "" : "sorrel: ");
  line += level_text(level, journal);
  line += message;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  if (held_back != 0) line += " held_back=" + std::to_string(held_back);
  line += '\n';
  // One write a line, so that lines of several threads never mix. Nothing can be done about a
  // failing standard error.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sorrel
