#include "sink/dead_letters.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "sink/json_string.h"

namespace sorrel::sink {
namespace {

// RFC 4648 4.
std::string base64(std::string_view bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const auto at = [&](std::size_t k) {
      return k < left ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const unsigned group = at(0) << 16 | at(1) << 8 | at(2);
    out += kDigits[group >> 18];
    out += kDigits[group >> 12 & 63];
    out += left > 1 ? kDigits[group >> 6 & 63] : '=';
    out += left > 2 ? kDigits[group & 63] : '=';
  }
  return out;
}

}  // namespace

void DeadLetters::add(const buffer::FrameHeader& header, std::string_view bytes,
                      std::string_view reason) {
  std::string line = "{\"output\":";
  append_json_string(line, output_);
  line += ",\"reason\":";
  append_json_string(line, reason);
  line += ",\"event_uid\":\"";
  append_uid(line, header.event_uid);
  line += "\",\"lane\":" + std::to_string(static_cast<unsigned>(header.lane)) +
          ",\"sequence\":" + std::to_string(header.sequence) +
          ",\"time_ns\":" + std::to_string(header.time_ns) +
          ",\"severity\":" + std::to_string(header.severity) + ",\"format\":\"" +
          (header.format == buffer::Format::json ? "json" : "raw") + "\",\"frame\":\"" +
          base64(bytes) + "\"}\n";
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

bool DeadLetters::write(std::string_view line) {
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
