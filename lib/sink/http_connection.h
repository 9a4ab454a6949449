#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "sink/http_response.h"
#include "sink/stream.h"

namespace sorrel::sink {

// One connection to a collector that speaks HTTP: a request, its response, and so on.
class HttpConnection {
 public:
  HttpConnection(std::unique_ptr<Stream> stream, std::size_t max_answer_bytes);

  // Sends a request and reads its response. The bytes must stay until it returns. `timeout`: for no
  // progress. After an error the connection is of no more use.
  boost::asio::awaitable<Result<HttpResponse>> exchange(std::string_view head,
                                                        std::string_view body, Timeout timeout);

  // False: the last response was the last one.
  bool is_open() const noexcept { return is_open_; }
  // The error came on a connection that has served before, and before any byte of an answer: the
  // collector has most likely closed it while it was idle.
  bool was_idle() const noexcept { return response_count_ > 0 && parser_.is_untouched(); }
  Stream& stream() noexcept { return *stream_; }
  // It is to be replaced by a new one.
  bool is_due() const { return stream_->is_due(); }
  const std::string& peer() const { return stream_->peer(); }
  // What the collector wants back with each request; empty: nothing.
  const std::string& cookies() const noexcept { return cookies_; }

 private:
  boost::asio::awaitable<Status> read_response(Timeout timeout);

  std::unique_ptr<Stream> stream_;
  HttpResponseParser parser_;
  std::string cookies_;
  std::uint64_t response_count_ = 0;
  bool is_open_ = true;
};

}  // namespace sorrel::sink
