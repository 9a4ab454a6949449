#include "sink/http_response.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxCookieBytes = 4'096;

Unexpected<Error> bad(const std::string& what) {
  return fail(std::errc::bad_message, "the answer is not HTTP/1.1: " + what);
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `take` with each part of a list with commas.
template <class Take>
void each_element(std::string_view list, Take take) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view element = trimmed(list.substr(0, comma));
    if (!element.empty()) take(element);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

std::optional<std::uint64_t> number(std::string_view digits, int base) noexcept {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

Result<std::size_t> HttpResponseParser::feed(std::string_view bytes) {
  const std::size_t given = bytes.size();
  if (given != 0) is_untouched_ = false;
  while (!bytes.empty() && state_ != State::done) {
    if (state_ == State::length_body || state_ == State::chunk || state_ == State::until_close) {
      if (Status taken = take_body(bytes); !taken) return Unexpected(std::move(taken).error());
      continue;
    }
    Result<bool> is_whole = read_line(bytes);
    if (!is_whole) return Unexpected(std::move(is_whole).error());
    if (!*is_whole) break;
    Status taken = take_line();
    line_.clear();
    if (!taken) return Unexpected(std::move(taken).error());
  }
  return given - bytes.size();
}

Status HttpResponseParser::finish() {
  if (state_ == State::until_close) state_ = State::done;
  if (state_ == State::done) return Ok{};
  return fail(std::errc::connection_reset,
              is_untouched_ ? "the collector closed the connection before it answered"
                            : "the collector closed the connection within its answer");
}

HttpResponse HttpResponseParser::take() {
  HttpResponse response = std::move(response_);
  *this = HttpResponseParser(max_body_bytes_);
  return response;
}

// A line ends with LF; the CR before it is not insisted on (RFC 9112 2.2).
Result<bool> HttpResponseParser::read_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  head_bytes_ += part.size() + 1;
  if (head_bytes_ > kMaxHeadBytes) {
    return fail(std::errc::message_size,
                "the answer's headers are larger than " + std::to_string(kMaxHeadBytes) + " bytes");
  }
  line_.append(part);
  if (end == std::string_view::npos) {
    --head_bytes_;  // the line break has not come
    bytes = {};
    return false;
  }
  bytes.remove_prefix(end + 1);
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

Status HttpResponseParser::take_line() {
  switch (state_) {
    case State::head:
      if (!has_status_) return take_status_line();
      return line_.empty() ? end_head() : take_header();
    case State::chunk_size:
      return take_chunk_size();
    case State::chunk_end:
      if (!line_.empty()) return bad("a chunk is longer than its size");
      state_ = State::chunk_size;
      return Ok{};
    default:  // the trailer: nothing in it concerns us
      if (line_.empty()) state_ = State::done;
      return Ok{};
  }
}

Status HttpResponseParser::take_status_line() {
  const std::string_view line = line_;
  const bool is_http = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && line[8] == ' ' &&
                       (line.size() == 12 || line[12] == ' ');
  const auto status = is_http ? number(line.substr(9, 3), 10) : std::nullopt;
  if (!status || *status < 100 || (line[7] != '0' && line[7] != '1')) {
    return bad("its first line is '" + line_.substr(0, 80) +
               "'; is this the collector's HTTP port, and is TLS right?");
  }
  response_.status = static_cast<std::uint16_t>(*status);
  is_old_ = line[7] == '0';
  has_status_ = true;
  return Ok{};
}

Status HttpResponseParser::take_header() {
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  // A blank before the colon, or at the beginning (a folded line), is refused: RFC 9112 5.1, 5.2.
  if (colon == std::string_view::npos || colon == 0 || line[0] == ' ' || line[0] == '\t' ||
      line[colon - 1] == ' ' || line[colon - 1] == '\t') {
    return bad("a header is '" + line_.substr(0, 80) + "'");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (equal_ignoring_case(name, "content-length")) {
    const auto length = number(value, 10);
    if (!length || (has_length_ && *length != remaining_)) return bad("its length is unclear");
    has_length_ = true;
    remaining_ = *length;
  } else if (equal_ignoring_case(name, "transfer-encoding")) {
    if (is_chunked_ || !equal_ignoring_case(value, "chunked")) {
      return bad("it is encoded as '" + std::string(value) + "'");
    }
    is_chunked_ = true;
  } else if (equal_ignoring_case(name, "content-encoding")) {
    // Not asked for, so nobody may do it (RFC 9110 12.5.3).
    if (!equal_ignoring_case(value, "identity")) return bad("its body is compressed");
  } else if (equal_ignoring_case(name, "connection")) {
    each_element(value, [this](std::string_view element) {
      if (equal_ignoring_case(element, "close")) says_close_ = true;
      if (equal_ignoring_case(element, "keep-alive")) says_keep_alive_ = true;
    });
  } else if (equal_ignoring_case(name, "content-type")) {
    response_.content_type = value;
  } else if (equal_ignoring_case(name, "retry-after")) {
    response_.retry_after = value;
  } else if (equal_ignoring_case(name, "set-cookie")) {
    const std::string_view cookie = trimmed(value.substr(0, value.find(';')));
    if (!cookie.empty() && response_.cookies.size() + cookie.size() < kMaxCookieBytes) {
      if (!response_.cookies.empty()) response_.cookies += "; ";
      response_.cookies += cookie;
    }
  }
  return Ok{};
}

Status HttpResponseParser::end_head() {
  if (response_.status < 200) {
    // 100 Continue and 103 Early Hints: the answer itself follows. We never ask for 101.
    if (response_.status == 101) return bad("it changes the protocol");
    const std::size_t read = head_bytes_;
    *this = HttpResponseParser(max_body_bytes_);
    is_untouched_ = false;
    head_bytes_ = read;  // so that a row of them comes to an end
    return Ok{};
  }
  response_.keeps_connection = is_old_ ? says_keep_alive_ && !says_close_ : !says_close_;
  if (response_.status == 204 || response_.status == 304) {
    state_ = State::done;
  } else if (is_chunked_) {
    // With a length as well, somebody between us and the collector may see another end of it.
    if (has_length_) response_.keeps_connection = false;
    state_ = State::chunk_size;
  } else if (has_length_) {
    if (remaining_ > max_body_bytes_) {
      return fail(std::errc::message_size, "the answer has " + std::to_string(remaining_) +
                                               " bytes; at most " +
                                               std::to_string(max_body_bytes_) + " are read");
    }
    state_ = remaining_ == 0 ? State::done : State::length_body;
  } else {
    response_.keeps_connection = false;
    state_ = State::until_close;
  }
  return Ok{};
}

Status HttpResponseParser::take_chunk_size() {
  const std::string_view line = line_;
  const auto size = number(trimmed(line.substr(0, line.find(';'))), 16);
  if (!size) return bad("the size of a chunk is '" + line_.substr(0, 80) + "'");
  head_bytes_ = 0;  // of the next line, or of the trailer
  remaining_ = *size;
  state_ = remaining_ == 0 ? State::trailer : State::chunk;
  return Ok{};
}

Status HttpResponseParser::take_body(std::string_view& bytes) {
  std::size_t size = bytes.size();
  if (state_ != State::until_close) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, remaining_));
  }
  if (size > max_body_bytes_ - response_.body.size()) {
    return fail(std::errc::message_size,
                "the answer is larger than " + std::to_string(max_body_bytes_) + " bytes");
  }
  response_.body.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (state_ == State::until_close) return Ok{};
  remaining_ -= size;
  if (remaining_ == 0) state_ = state_ == State::chunk ? State::chunk_end : State::done;
  return Ok{};
}

}  // namespace sorrel::sink
