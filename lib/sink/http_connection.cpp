#include "sink/http_connection.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kReadBytes = 16u << 10;
constexpr Timeout kLastWordsTimeout{1'000};

}  // namespace

HttpConnection::HttpConnection(std::unique_ptr<Stream> stream, std::size_t max_answer_bytes)
    : stream_(std::move(stream)), parser_(max_answer_bytes) {}

asio::awaitable<Result<HttpResponse>> HttpConnection::exchange(std::string_view head,
                                                               std::string_view body,
                                                               Timeout timeout) {
  is_open_ = false;
  Status sent = co_await stream_->write(head, timeout);
  if (sent && !body.empty()) sent = co_await stream_->write(body, timeout);
  if (sent) {
    Status read = co_await read_response(timeout);
    if (!read) co_return Unexpected(std::move(read).error());
  } else {
    if (sent.error().code == std::errc::timed_out) co_return Unexpected(std::move(sent).error());
    // What the collector said before it stopped reading is worth more than that it did: an answer
    // to a request that is too large, or why it does not let us in.
    const Status read = co_await read_response(std::min(timeout, kLastWordsTimeout));
    if (!read) {
      Error error = sent.error();
      error.message += "; " + read.error().message;
      co_return Unexpected(std::move(error));
    }
  }
  HttpResponse response = parser_.take();
  ++response_count_;
  if (!response.cookies.empty()) cookies_ = response.cookies;
  is_open_ = response.keeps_connection && sent.has_value();
  co_return response;
}

asio::awaitable<Status> HttpConnection::read_response(Timeout timeout) {
  std::array<char, kReadBytes> bytes;
  while (!parser_.is_done()) {
    const Result<std::size_t> got = co_await stream_->read_some(std::span<char>(bytes), timeout);
    if (!got) co_return Unexpected(got.error());
    if (*got == 0) {
      Status ended = parser_.finish();
      if (!ended) co_return ended;
      break;
    }
    const Result<std::size_t> taken = parser_.feed(std::string_view(bytes.data(), *got));
    if (!taken) co_return Unexpected(taken.error());
    if (*taken < *got) {
      co_return fail(std::errc::bad_message, "the collector sends more than one answer");
    }
  }
  co_return Ok{};
}

}  // namespace sorrel::sink
