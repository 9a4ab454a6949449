#include "sink/frame_writer.h"

#include <algorithm>
#include <cerrno>

namespace sorrel::sink {
namespace {

iovec to_part(std::string_view bytes) {
  return {.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
}

// The number of lines; bytes behind the last line break are one more.
std::uint64_t count_lines(std::string_view bytes) {
  const auto breaks = std::count(bytes.begin(), bytes.end(), '\n');
  return static_cast<std::uint64_t>(breaks) + (bytes.empty() || bytes.back() == '\n' ? 0 : 1);
}

// Takes the first `taken` bytes off the parts.
std::span<iovec> advance(std::span<iovec> parts, std::size_t taken) {
  while (!parts.empty() && taken >= parts[0].iov_len) {
    taken -= parts[0].iov_len;
    parts = parts.subspan(1);
  }
  if (taken != 0) {
    parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + taken;
    parts[0].iov_len -= taken;
  }
  return parts;
}

}  // namespace

WriteOutcome FrameWriter::write(int fd, const buffer::FrameBatch& batch) {
  return prefix_.empty() ? write_bytes(fd, batch.bytes()) : write_prefixed(fd, batch.bytes());
}

WriteOutcome FrameWriter::write_bytes(int fd, std::string_view bytes) {
  WriteOutcome outcome;
  if (bytes.empty()) return outcome;
  parts_[0] = to_part(bytes);
  outcome.error = put(fd, {parts_.data(), 1}, outcome.bytes);
  return outcome;
}

WriteOutcome FrameWriter::write_prefixed(int fd, std::string_view lines) {
  WriteOutcome outcome;
  while (!lines.empty() && outcome.error == 0) {
    std::size_t count = 0;
    while (!lines.empty() && count + 2 <= parts_.size()) {
      const std::size_t length = std::min(lines.find('\n'), lines.size() - 1) + 1;
      parts_[count++] = to_part(prefix_);
      parts_[count++] = to_part(lines.substr(0, length));
      lines.remove_prefix(length);
    }
    outcome.error = put(fd, {parts_.data(), count}, outcome.bytes);
  }
  return outcome;
}

int FrameWriter::put(int fd, std::span<iovec> parts, std::uint64_t& written_bytes) {
  while (!parts.empty()) {
    const std::int64_t taken = storage_.write(fd, parts);
    if (taken > 0) {
      written_bytes += static_cast<std::uint64_t>(taken);
      parts = advance(parts, static_cast<std::size_t>(taken));
    } else if (taken == -EAGAIN) {
      if (const int error = storage_.wait_writable(fd); error != 0) return -error;
    } else if (taken != -EINTR) {
      // Nothing taken and no reason given must not become an endless loop.
      return taken == 0 ? EIO : static_cast<int>(-taken);
    }
  }
  return 0;
}

FrameBoundary FrameWriter::boundary(const buffer::FrameBatch& batch,
                                    std::uint64_t written_bytes) const {
  FrameBoundary reached;
  std::string_view rest = batch.bytes();
  for (const buffer::FrameHeader& frame : batch.frames()) {
    std::uint64_t size = frame.size_bytes;
    if (!prefix_.empty()) size += count_lines(rest.substr(0, size)) * prefix_.size();
    if (reached.bytes + size > written_bytes) break;
    reached.bytes += size;
    ++reached.frames;
    rest.remove_prefix(frame.size_bytes);
  }
  return reached;
}

}  // namespace sorrel::sink
