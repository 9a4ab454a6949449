#include "ps_table.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>

namespace sorrel::sorrelctl {
namespace {

constexpr std::size_t kMaxLevels = 40;
constexpr std::size_t kMaxCellWidth = 32;
constexpr std::size_t kShortIdSize = 12;  // as container runtimes show ids
constexpr std::size_t kWriteBytes = 64u << 10;
constexpr std::string_view kUnknown = "-";

enum Column : std::size_t { kPid, kPpid, kUser, kSession, kStarted, kEvent, kUnit, kColumns };
constexpr std::array<std::string_view, kColumns> kHeads = {"PID",     "PPID",     "USER", "SES",
                                                           "STARTED", "EVENT_ID", "UNIT"};
constexpr bool is_number(std::size_t column) noexcept {
  return column == kPid || column == kPpid || column == kSession;
}

constexpr const char* kBold = "\033[1m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kPlain = "\033[0m";

struct Lines {
  std::string_view branch, last, pass, blank;
};
constexpr Lines kUtf8Lines = {"\xe2\x94\x9c\xe2\x94\x80 ", "\xe2\x94\x94\xe2\x94\x80 ",
                              "\xe2\x94\x82  ", "   "};
constexpr Lines kAsciiLines = {"|- ", "`- ", "|  ", "   "};

std::string time_text(std::uint64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1'000);
  std::tm parts{};
  char text[32];
  if (::gmtime_r(&seconds, &parts) == nullptr) return std::string(kUnknown);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// Lays lines out, and gives them on in pieces.
class Printer {
 public:
  Printer(const PsRows& rows, const Terminal& terminal, const TextWriter& write)
      : rows_(rows), terminal_(terminal), write_(write) {
    for (std::size_t i = 0; i < kColumns; ++i) widths_[i] = kHeads[i].size();
  }

  void measure(const PsProcess& process) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      cell_.clear();
      widths_[i] = std::max(widths_[i], make_cell(process, i));
    }
  }

  void head() {
    if (terminal_.has_colour) out_ += kBold;
    for (std::size_t i = 0; i < kColumns; ++i) {
      cell_ = kHeads[i];
      put_cell(i, cell_.size());
    }
    out_ += "COMMAND";
    end_line(terminal_.has_colour);
  }

  // `prefix` goes before the command, `note` after it.
  void line(const PsProcess& process, std::string_view prefix, std::string_view note) {
    const bool dim = terminal_.has_colour && process.has_exited();
    if (dim) out_ += kDim;
    for (std::size_t i = 0; i < kColumns; ++i) {
      cell_.clear();
      put_cell(i, make_cell(process, i));
    }
    out_ += prefix;
    put_command(process);
    if (process.has_exited()) out_ += " [exited " + time_text(process.exited_ms) + "]";
    out_ += note;
    end_line(dim);
  }

  void flush() {
    if (!out_.empty()) write_(out_);
    out_.clear();
  }

 private:
  // Makes cell_; returns its width.
  std::size_t make_cell(const PsProcess& process, std::size_t column) {
    switch (column) {
      case kPid:
        cell_ = std::to_string(process.key.pid);
        return cell_.size();
      case kPpid:
        cell_ = std::to_string(process.ppid);
        return cell_.size();
      case kSession:
        if (process.ses != PsProcess::kNoSession) cell_ = std::to_string(process.ses);
        return cell_.empty() ? put_text({}) : cell_.size();
      case kStarted:
        cell_ = process.key.start_ms == 0 ? std::string(kUnknown) : time_text(process.key.start_ms);
        return cell_.size();
      case kUser:
        return put_text(rows_.text(process.user));
      case kEvent:
        return put_text(rows_.text(process.event_id));
      default:
        if (process.container.size != 0) {
          return put_text(rows_.text(process.container).substr(0, kShortIdSize));
        }
        return put_text(rows_.text(process.unit));
    }
  }

  // A name that is too long would push all lines apart; --json has it whole.
  std::size_t put_text(std::string_view text) {
    std::size_t width = append_visible(text.empty() ? kUnknown : text, terminal_.has_utf8, cell_);
    if (width <= kMaxCellWidth) return width;
    cell_.clear();
    width = append_visible(text.substr(0, kMaxCellWidth - 1), false, cell_);
    if (width >= kMaxCellWidth) cell_.resize(width = kMaxCellWidth - 1);
    cell_ += '~';
    return width + 1;
  }

  void put_cell(std::size_t column, std::size_t width) {
    const std::size_t room = widths_[column] > width ? widths_[column] - width : 0;
    if (is_number(column)) out_.append(room, ' ');
    out_ += cell_;
    if (!is_number(column)) out_.append(room, ' ');
    out_ += ' ';
  }

  // The executable, with the name that the process has given itself when that is another one; in
  // brackets where there is no executable, as for the kernel's threads.
  void put_command(const PsProcess& process) {
    const std::string_view exe = rows_.text(process.exe);
    const std::string_view comm = rows_.text(process.comm);
    if (exe.empty()) {
      out_ += '[';
      append_visible(comm.empty() ? std::string_view("?") : comm, terminal_.has_utf8, out_);
      out_ += ']';
      return;
    }
    append_visible(exe, terminal_.has_utf8, out_);
    // The kernel keeps 15 bytes of a name.
    const std::string_view name = exe.substr(exe.rfind('/') + 1);
    if (comm.empty() || name.substr(0, comm.size()) == comm) return;
    out_ += " (";
    append_visible(comm, terminal_.has_utf8, out_);
    out_ += ')';
  }

  void end_line(bool is_coloured) {
    if (is_coloured) out_ += kPlain;
    out_ += '\n';
    if (out_.size() >= kWriteBytes) flush();
  }

  const PsRows& rows_;
  const Terminal terminal_;
  const TextWriter& write_;
  std::array<std::size_t, kColumns> widths_{};
  std::string cell_;
  std::string out_;
};

std::string branches(const std::vector<bool>& has_next, const Lines& lines) {
  std::string prefix;
  std::size_t level = 0;
  if (has_next.size() > kMaxLevels) {
    level = has_next.size() - kMaxLevels;
    prefix = "(+" + std::to_string(level) + ") ";
  }
  for (; level < has_next.size(); ++level) {
    const bool is_own = level + 1 == has_next.size();
    if (is_own) {
      prefix += has_next[level] ? lines.branch : lines.last;
    } else {
      prefix += has_next[level] ? lines.pass : lines.blank;
    }
  }
  return prefix;
}

}  // namespace

void print_ps_table(const PsRows& rows, const std::vector<bool>& shown, const Terminal& terminal,
                    const TextWriter& write) {
  Printer printer(rows, terminal, write);
  const std::vector<PsProcess>& processes = rows.processes();
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (shown[i]) printer.measure(processes[i]);
  }
  printer.head();
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (shown[i]) printer.line(processes[i], {}, {});
  }
  printer.flush();
}

void print_ps_tree(const PsRows& rows, const PsTree& tree, const Terminal& terminal,
                   const TextWriter& write) {
  Printer printer(rows, terminal, write);
  const std::vector<PsProcess>& processes = rows.processes();
  tree.walk([&](std::size_t i, const std::vector<bool>&) { printer.measure(processes[i]); });
  printer.head();
  const Lines& lines = terminal.has_utf8 ? kUtf8Lines : kAsciiLines;
  tree.walk([&](std::size_t i, const std::vector<bool>& has_next) {
    printer.line(processes[i], branches(has_next, lines),
                 tree.is_cut(i) ? " [its parents lead back to it]" : "");
  });
  printer.flush();
}

}  // namespace sorrel::sorrelctl
