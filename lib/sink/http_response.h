#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel::sink {

// A collector's answer.
struct HttpResponse {
  std::uint16_t status = 0;
  std::string content_type;
  std::string retry_after;  // as it came; see retry_after.h
  std::string cookies;      // "NAME=VALUE; ..." of Set-Cookie, what a load balancer wants back
  std::string body;
  bool keeps_connection = true;  // the next request may use the same connection
};

// Reads one response to a POST at a time, from pieces of any size (RFC 9112). Responses of 1xx are
// passed by. Bounded: a head of kMaxHeadBytes, a body of what the constructor says.
class HttpResponseParser {
 public:
  static constexpr std::size_t kMaxHeadBytes = 32u << 10;

  explicit HttpResponseParser(std::size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {}

  // Takes a piece and returns how many bytes of it belong to this response: all, unless it ended
  // within. Errors (the connection is then of no more use): bad_message, message_size.
  Result<std::size_t> feed(std::string_view bytes);
  // The peer has closed. Errors: connection_reset when the response was not complete.
  Status finish();

  bool is_done() const noexcept { return state_ == State::done; }
  // True before the first byte of it.
  bool is_untouched() const noexcept { return is_untouched_; }
  // The response, when it is done; the parser is ready for the next.
  HttpResponse take();

 private:
  enum class State : std::uint8_t {
    head,         // the status line and the headers
    length_body,  // remaining_ more bytes
    chunk_size,   // a line with the size of a chunk
    chunk,        // remaining_ more bytes of it
    chunk_end,    // the line break behind a chunk
    trailer,      // headers behind the last chunk, until an empty line
    until_close,  // neither a length nor chunks
    done
  };

  // Reads a line into line_. False: it is not complete.
  Result<bool> read_line(std::string_view& bytes);
  Status take_line();
  Status take_status_line();
  Status take_header();
  Status end_head();
  Status take_chunk_size();
  Status take_body(std::string_view& bytes);

  std::size_t max_body_bytes_;
  State state_ = State::head;
  HttpResponse response_;
  std::string line_;
  std::size_t head_bytes_ = 0;
  std::uint64_t remaining_ = 0;
  bool is_untouched_ = true;
  bool has_status_ = false;
  bool has_length_ = false;
  bool is_chunked_ = false;
  bool is_old_ = false;  // HTTP/1.0: it closes unless it says otherwise
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

}  // namespace sorrel::sink
