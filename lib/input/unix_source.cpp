#include "input/unix_source.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/log.h"

namespace sorrel::input {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

std::string error_text(int error_number) {
  return error_number == 0 ? "closed by the peer" : std::generic_category().message(error_number);
}

}  // namespace

Result<std::unique_ptr<UnixSource>> UnixSource::open(const std::string& path, const Clock& clock,
                                                     const ReadLimits& limits) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(std::errc::invalid_argument,
                "socket \"" + path + "\": a socket's path has 1 to " +
                    std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                    " bytes; name the one in auditd's plugins.d/af_unix.conf");
  }
  // The constructor is private: make_unique cannot call it.
  return std::unique_ptr<UnixSource>(new UnixSource(path, clock, limits));
}

UnixSource::UnixSource(std::string path, const Clock& clock, const ReadLimits& limits)
    : path_(std::move(path)),
      clock_(clock),
      lines_(limits.max_line_bytes),
      buffer_(limits.chunk_bytes,
              std::max(lines_.max_carried_bytes(), FrameSplitter::kMaxCarriedBytes)) {}

UnixSource::Counts UnixSource::counts() const noexcept {
  Counts counts = counts_;
  counts.cut_lines = lines_.cut_lines();
  counts.cut_bytes = lines_.cut_bytes();
  counts.resyncs = frames_.resyncs();
  counts.skipped_bytes += frames_.skipped_bytes();
  counts.skipped_records = frames_.skipped_records();
  return counts;
}

void UnixSource::connect_failed(int error_number) {
  ++counts_.failed_connects;
  retry_at_ns_ = clock_.monotonic_ns() + retry_ms_ * kNsPerMs;
  retry_ms_ = std::min(2 * retry_ms_, kMaxRetryMs);
  if (error_number == logged_error_) return;
  logged_error_ = error_number;
  log(Level::warning, "cannot connect to the audit socket, trying on",
      {{"path", path_}, {"error", error_text(error_number)}});
}

bool UnixSource::connect() {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  // Without waiting: a unix socket connects at once, or its backlog is full (EAGAIN).
  if (!fd ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    connect_failed(errno);
    return false;
  }
  socket_ = std::move(fd);
  format_ = Format::unknown;
  buffer_.clear();
  lines_.reset();
  frames_.reset();
  logged_error_ = 0;
  ++counts_.connects;
  return true;
}

// Gives what is left as a last line.
void UnixSource::disconnect(Batch& batch, int error_number) {
  split(batch, true);
  counts_.skipped_bytes += buffer_.bytes().size();
  buffer_.clear();
  socket_.reset();
  retry_at_ns_ = clock_.monotonic_ns() + retry_ms_ * kNsPerMs;
  // Doubled here too: auditd serves one client only and hangs up on a second one at once. The first
  // bytes that arrive set it back.
  retry_ms_ = std::min(2 * retry_ms_, kMaxRetryMs);
  log(Level::info, "the audit socket was closed, connecting again",
      {{"path", path_}, {"error", error_text(error_number)}});
}

void UnixSource::split(Batch& batch, bool at_end) {
  const std::string_view bytes = buffer_.bytes();
  if (format_ == Format::unknown && !bytes.empty()) {
    // A binary header begins with the version, 0 or 1, in either byte order.
    format_ = static_cast<unsigned char>(bytes.front()) <= 1 ? Format::binary : Format::text;
  }
  if (format_ == Format::text) lines_.split(buffer_, batch, at_end);
  if (format_ == Format::binary) frames_.split(buffer_, batch);
}

Result<ReadState> UnixSource::read(Batch& batch) {
  batch.clear();
  batch.reserve(kMaxBatch);
  if (!socket_ && (clock_.monotonic_ns() < retry_at_ns_ || !connect())) return ReadState::idle;
  while (true) {
    split(batch, false);
    if (!batch.empty()) return ReadState::more;
    const std::span<char> room = buffer_.room();
    const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (got > 0) {
      buffer_.filled(static_cast<std::size_t>(got));
      counts_.bytes += static_cast<std::uint64_t>(got);
      retry_ms_ = kMinRetryMs;
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      return ReadState::idle;
    } else if (got == 0 || errno != EINTR) {
      disconnect(batch, got == 0 ? 0 : errno);
      return batch.empty() ? ReadState::idle : ReadState::more;
    }
  }
}

}  // namespace sorrel::input
