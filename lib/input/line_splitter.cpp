#include "input/line_splitter.h"

#include <algorithm>
#include <cstring>

namespace sorrel::input {

LineSplitter::LineSplitter(std::size_t max_line_bytes)
    : max_line_bytes_(std::max<std::size_t>(1, max_line_bytes)) {}

void LineSplitter::reset() noexcept {
  searched_ = 0;
  skipping_ = false;
}

// A carriage return at the end stays: the line is given back as it is. It has no part in the limit.
void LineSplitter::add_line(std::string_view line, Batch& batch) {
  const std::size_t return_size = line.ends_with('\r') ? 1 : 0;
  if (line.size() == return_size) return;
  if (line.size() - return_size > max_line_bytes_) {
    ++cut_lines_;
    cut_bytes_ += line.size() - max_line_bytes_;
    line = line.substr(0, max_line_bytes_);
  }
  parser_.parse_to(line, batch.emplace_back());
}

// What to do with bytes that hold no newline; returns how many of them are done with.
std::size_t LineSplitter::without_newline(std::string_view rest, Batch& batch, bool at_end) {
  if (skipping_) {
    cut_bytes_ += rest.size();
    return rest.size();
  }
  if (at_end) {
    if (!rest.empty()) add_line(rest, batch);
    return rest.size();
  }
  // One byte above the limit may still be the carriage return of a line that fits.
  if (rest.size() < max_line_bytes_ + 2) {
    searched_ = rest.size();
    return 0;
  }
  ++cut_lines_;
  cut_bytes_ += rest.size() - max_line_bytes_;
  skipping_ = true;
  batch.push_back(record::parse_line(rest.substr(0, max_line_bytes_)));
  return rest.size();
}

void LineSplitter::split(CarryBuffer& buffer, Batch& batch, bool at_end) {
  const std::string_view bytes = buffer.bytes();
  const char* const end = bytes.data() + bytes.size();
  const char* line = bytes.data();
  while (batch.size() < kMaxBatch) {
    const char* const from = line + searched_;
    const auto* newline =
        static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
    searched_ = 0;
    if (newline == nullptr) {
      line += without_newline({line, static_cast<std::size_t>(end - line)}, batch, at_end);
      break;
    }
    if (skipping_) {
      cut_bytes_ += static_cast<std::size_t>(newline - line);
      skipping_ = false;
    } else {
      add_line({line, static_cast<std::size_t>(newline - line)}, batch);
    }
    line = newline + 1;
  }
  buffer.consume(static_cast<std::size_t>(line - bytes.data()));
}

}  // namespace sorrel::input
