#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/result.h"
#include "control/request.h"

namespace sorrel::control {

// A program's end of the control socket. Blocks; no wait is longer than its deadline.
class Client {
 public:
  static constexpr std::uint32_t kPatienceMs = 60'000;
  static constexpr std::size_t kMaxLineBytes = 1u << 20;

  // `patience_ms`: how long sorreld may say nothing.
  // Errors, for people: nothing listens there, or the caller may not (who may is in the message).
  static Result<Client> connect(const std::string& path, std::uint32_t patience_ms = kPatienceMs);

  // Gets a row, a JSON object without its line break, valid during the call; false ends the work.
  using RowHandler = std::function<bool(std::string_view row)>;

  // Sends a request and hands out its rows. Returns the last line, {"done":true,...}.
  // Errors: sorreld's own refusals, silence beyond the deadline, an answer that breaks off or is
  // not of this protocol; operation_canceled when `row` has ended it.
  Result<std::string> ask(const Request& request, const RowHandler& row);

 private:
  Client(Fd socket, std::string path, std::uint32_t patience_ms)
      : socket_(std::move(socket)), path_(std::move(path)), patience_ms_(patience_ms) {}

  Status wait(short events) const;
  Status send(std::string_view bytes) const;
  // The next piece into `buffer_`. False: sorreld has closed the connection.
  Result<bool> receive();

  Fd socket_;
  std::string path_;
  std::uint32_t patience_ms_;
  std::string buffer_;
};

}  // namespace sorrel::control
