#include "control/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include <simdjson.h>

#include "control/access.h"

namespace sorrel::control {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kReadBytes = 64u << 10;

Unexpected<Error> cannot_connect(const std::string& path, int error) {
  if (error == ENOENT) {
    return fail_errno(error, path +
                                 ": there is no control socket; is sorreld running, and is "
                                 "control.socket of its configuration this path?");
  }
  if (error == ECONNREFUSED) {
    return fail_errno(error, path + ": nobody listens there any more; start sorreld");
  }
  if (error == EACCES) {
    struct stat status {};
    const bool is_for_group = ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWGRP) != 0;
    return fail_errno(
        error, path + (is_for_group ? ": root, sorreld's own user and the members of group " +
                                          group_name(status.st_gid) + " may use it"
                                    : ": only root and sorreld's own user may use it; the option "
                                      "control.group of sorreld lets a group in"));
  }
  if (error == EAGAIN) return fail_errno(error, path + ": sorreld is busy; try again");
  return fail_errno(error, path + ": cannot connect");
}

std::string versions_differ(const std::string& path, const std::string& what) {
  return path + ": sorrelctl and the running sorreld are of different versions (" + what +
         "); restart sorreld, or use the sorrelctl that came with it";
}

// The last line begins so, and no row does (docs/control.md).
bool is_last(std::string_view line) noexcept {
  return line.starts_with("{\"done\":") || line.starts_with("{\"error\":");
}

Error remote_error(const std::string& path, dom::element error) {
  std::string_view code;
  std::string_view message;
  const bool is_whole = error["code"].get(code) == simdjson::SUCCESS &&
                        error["message"].get(message) == simdjson::SUCCESS;
  const std::string text(is_whole ? message : "it failed, and does not say why");
  if (code == "unsupported_schema") {
    return {std::make_error_code(std::errc::protocol_not_supported), versions_differ(path, text)};
  }
  if (code == "unknown_command") {
    return {std::make_error_code(std::errc::not_supported), versions_differ(path, text)};
  }
  std::errc meaning = std::errc::io_error;
  if (code == "permission_denied") meaning = std::errc::permission_denied;
  if (code == "bad_request" || code == "bad_arguments") meaning = std::errc::invalid_argument;
  if (code == "too_many_connections" || code == "unavailable") {
    meaning = std::errc::resource_unavailable_try_again;
  }
  if (code == "timeout" || code == "idle") meaning = std::errc::timed_out;
  return {std::make_error_code(meaning), path + ": " + text};
}

// Reads the last line of an answer that has had `rows` rows.
Result<std::string> read_last(const std::string& path, std::string_view line, std::uint64_t rows) {
  dom::parser parser;
  dom::element root;
  dom::element error;
  if (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS) {
    return fail(std::errc::protocol_error, path + ": the end of the answer is not JSON");
  }
  if (root["error"].get(error) == simdjson::SUCCESS) {
    return Unexpected<Error>(remote_error(path, error));
  }
  std::int64_t schema = 0;
  if (root["schema"].get(schema) != simdjson::SUCCESS || schema != kSchema) {
    return fail(std::errc::protocol_not_supported,
                versions_differ(path, "the answer is of schema " + std::to_string(schema)));
  }
  std::uint64_t told = 0;
  if (root["rows"].get(told) != simdjson::SUCCESS || told != rows) {
    return fail(std::errc::protocol_error, path + ": " + std::to_string(told) +
                                               " rows were sent and " + std::to_string(rows) +
                                               " came; please report it");
  }
  return std::string(line);
}

}  // namespace

Result<Client> Client::connect(const std::string& path, std::uint32_t patience_ms) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(std::errc::filename_too_long, path + ": this is too long for a socket's path");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  // Not blocking: a daemon that accepts nothing must not hold us up.
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno(errno, "no socket can be made");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return cannot_connect(path, errno);
  }
  return Client(std::move(socket), path, patience_ms);
}

Status Client::wait(short events) const {
  pollfd one{.fd = socket_.get(), .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&one, 1, static_cast<int>(patience_ms_));
  } while (ready < 0 && errno == EINTR);
  if (ready > 0) return Ok{};
  if (ready < 0) return fail_errno(errno, path_ + ": cannot wait");
  return fail(std::errc::timed_out, path_ + ": sorreld has said nothing for " +
                                        std::to_string(patience_ms_ / 1'000) + " seconds");
}

Status Client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    // It has hung up on us; why, it may have said before.
    if (errno == EPIPE || errno == ECONNRESET) return Ok{};
    if (errno != EAGAIN && errno != EINTR) return fail_errno(errno, path_ + ": cannot send");
    if (Status ready = wait(POLLOUT); !ready) return ready;
  }
  return Ok{};
}

Result<bool> Client::receive() {
  for (;;) {
    const std::size_t used = buffer_.size();
    buffer_.resize(used + kReadBytes);
    const ssize_t got = ::recv(socket_.get(), buffer_.data() + used, kReadBytes, 0);
    const int error = errno;
    buffer_.resize(used + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got > 0) return true;
    if (got == 0 || error == ECONNRESET) return false;
    if (error != EAGAIN && error != EINTR) return fail_errno(error, path_ + ": cannot read");
    if (const Status ready = wait(POLLIN); !ready) return Unexpected<Error>(ready.error());
  }
}

Result<std::string> Client::ask(const Request& request, const RowHandler& row) {
  if (const Status sent = send(request_text(request) + "\n"); !sent) {
    return Unexpected<Error>(sent.error());
  }
  std::uint64_t rows = 0;
  buffer_.clear();
  for (std::size_t searched = 0;;) {
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffer_.find('\n', searched)) != std::string::npos;) {
      const std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
      if (is_last(line)) return read_last(path_, line, rows);
      ++rows;
      if (!row(line)) return fail(std::errc::operation_canceled, path_ + ": ended");
      begin = searched = end + 1;
    }
    buffer_.erase(0, begin);
    searched = buffer_.size();
    if (buffer_.size() > kMaxLineBytes) {
      return fail(std::errc::protocol_error, path_ + ": a line of the answer is too long");
    }
    const auto more = receive();
    if (!more) return Unexpected<Error>(more.error());
    if (!*more) {
      return fail(std::errc::connection_aborted,
                  path_ + ": sorreld has ended, or dropped us, within its answer");
    }
  }
}

}  // namespace sorrel::control
