#include "sink/dead_letters.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "sink/base64.h"
#include "sink/json_string.h"

namespace sorrel::sink {
std::string dead_letter_line(std::string_view output, const buffer::FrameHeader& header,
                             std::string_view bytes, std::string_view reason) {
  std::string line = "{\"output\":";
  append_json_string(line, output);
  line += ",\"reason\":";
  append_json_string(line, reason);
  line += ",\"event_uid\":\"";
  append_uid(line, header.event_uid);
  line += "\",\"lane\":" + std::to_string(static_cast<unsigned>(header.lane)) +
          ",\"sequence\":" + std::to_string(header.sequence) +
          ",\"time_ns\":" + std::to_string(header.time_ns) +
          ",\"severity\":" + std::to_string(header.severity) + ",\"format\":\"" +
          (header.format == buffer::Format::json ? "json" : "raw") + "\",\"frame\":\"" +
          encode_base64(bytes) + "\"}\n";
  return line;
}

void DeadLetters::add(const buffer::FrameHeader& header, std::string_view bytes,
                      std::string_view reason) {
  const std::string line = dead_letter_line(output_, header, bytes, reason);
  if (write(line)) {
    counters_.written.add();
    return;
  }
  counters_.dropped.add();
  if (has_told_) return;
  has_told_ = true;
  log(Level::error, "refused events are lost: the file for them is full, or cannot be written",
      {{"output", output_}, {"file", path_}});
}

// Whoever moves the file away, to send it again or to look at it, has all of it.
bool DeadLetters::was_moved() const {
  struct stat ours {};
  struct stat there {};
  return ::fstat(file_.get(), &ours) != 0 || ::stat(path_.c_str(), &there) != 0 ||
         ours.st_ino != there.st_ino || ours.st_dev != there.st_dev;
}

bool DeadLetters::write(std::string_view line) {
  if (file_ && was_moved()) file_.reset();
  if (!file_) {
    constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    file_.reset(::open(path_.c_str(), kFlags, 0600));
    if (!file_) return false;
    log(Level::warning, "a collector refuses events; they are kept in a file",
        {{"output", output_}, {"file", path_}});
  }
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size + line.size() > max_bytes_) return false;
  const ssize_t written = ::write(file_.get(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size())) return true;
  // Half a line is of no use to anybody.
  if (written > 0 && ::ftruncate(file_.get(), status.st_size) != 0) return false;
  return false;
}

}  // namespace sorrel::sink
