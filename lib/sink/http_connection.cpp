#include "sink/http_connection.h"

#include <array>
#include <span>
#include <utility>

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kReadBytes = 16u << 10;

}  // namespace

HttpConnection::HttpConnection(std::unique_ptr<Stream> stream, std::size_t max_answer_bytes)
    : stream_(std::move(stream)), parser_(max_answer_bytes) {}

asio::awaitable<Result<HttpResponse>> HttpConnection::exchange(std::string_view head,
                                                               std::string_view body,
                                                               Timeout timeout) {
  is_open_ = false;
  Status sent = co_await stream_->write(head, timeout);
  if (sent && !body.empty()) sent = co_await stream_->write(body, timeout);
  if (!sent) co_return Unexpected(std::move(sent).error());
  std::array<char, kReadBytes> bytes;
  while (!parser_.is_done()) {
    const Result<std::size_t> got = co_await stream_->read_some(std::span<char>(bytes), timeout);
    if (!got) co_return Unexpected(got.error());
    if (*got == 0) {
      Status ended = parser_.finish();
      if (!ended) co_return Unexpected(std::move(ended).error());
      break;
    }
    const Result<std::size_t> taken = parser_.feed(std::string_view(bytes.data(), *got));
    if (!taken) co_return Unexpected(taken.error());
    if (*taken < *got) {
      co_return fail(std::errc::bad_message, "the collector sends more than one answer");
    }
  }
  HttpResponse response = parser_.take();
  ++response_count_;
  if (!response.cookies.empty()) cookies_ = response.cookies;
  is_open_ = response.keeps_connection;
  co_return response;
}

}  // namespace sorrel::sink
