#include "input/audrec_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sorrel::input {
namespace {

constexpr std::size_t kFlushBytes = 256u << 10;

}  // namespace

void append_audrec(std::string& out, AudrecHeader header, std::string_view payload) {
  SORREL_CHECK(payload.size() <= kMaxAudrecPayloadBytes, "a payload that no reader would take");
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  std::array<char, kAudrecHeaderBytes> bytes;
  store_audrec_header(header, bytes.data());
  out.append(bytes.data(), bytes.size());
  out.append(payload);
}

Result<AudrecWriter> AudrecWriter::create(const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) {
    return fail_errno(errno, path +
                                 ": cannot create the recording; name a new file in a folder "
                                 "that can be written to");
  }
  return AudrecWriter(std::move(fd), path);
}

AudrecWriter::AudrecWriter(Fd fd, std::string name)
    : fd_(std::move(fd)), name_(std::move(name)), buffer_(kAudrecMagic) {
  buffer_.reserve(kFlushBytes + kAudrecHeaderBytes + kMaxAudrecPayloadBytes);
}

Status AudrecWriter::write(const AudrecHeader& header, std::string_view payload) {
  if (payload.size() > kMaxAudrecPayloadBytes) {
    return fail(std::errc::message_size, name_ + ": a datagram of " +
                                             std::to_string(payload.size()) +
                                             " bytes is too long for a recording; it was left out");
  }
  append_audrec(buffer_, header, payload);
  return buffer_.size() < kFlushBytes ? Status(Ok{}) : flush();
}

Status AudrecWriter::flush() {
  std::size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t now = ::write(fd_.get(), buffer_.data() + written, buffer_.size() - written);
    if (now >= 0) {
      written += static_cast<std::size_t>(now);
    } else if (errno != EINTR) {
      const int saved_errno = errno;
      buffer_.erase(0, written);
      return fail_errno(saved_errno, name_ + ": cannot write the recording; free some space");
    }
  }
  buffer_.clear();
  return Ok{};
}

}  // namespace sorrel::input
