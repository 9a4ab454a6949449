#include "sink/http_sink.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "base/log.h"
#include "sink/http_request.h"
#include "sink/http_target.h"
#include "sink/http_worker.h"

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

}  // namespace

Result<std::unique_ptr<HttpSink>> HttpSink::create(std::string name, const HttpOptions& options,
                                                   const asio::any_io_executor& executor,
                                                   Feed& feed, Connector& connector,
                                                   const Clock& clock) {
  auto format = make_bulk_format(options);
  if (!format) return Unexpected(std::move(format).error());
  if (!options.path.empty() && !is_request_target(options.path)) {
    return fail(std::errc::invalid_argument,
                "the path '" + options.path + "' begins with / and has no blanks; write %20");
  }
  for (const auto& [header, value] : options.auth.headers) {
    if (!is_header(header, value)) {
      return fail(std::errc::invalid_argument, "'" + header + "' is no header of a request");
    }
  }
  return std::unique_ptr<HttpSink>(
      new HttpSink(std::move(name), options, *std::move(format), executor, feed, connector, clock));
}

HttpSink::HttpSink(std::string name, const HttpOptions& options, std::unique_ptr<BulkFormat> format,
                   const asio::any_io_executor& executor, Feed& feed, Connector& connector,
                   const Clock& clock)
    : name_(std::move(name)),
      options_(options),
      format_(std::move(format)),
      target_(request_target(options, *format_)),
      executor_(executor),
      connector_(connector),
      feed_(feed),
      clock_(clock),
      queue_(feed, options, counters_),
      bell_(executor),
      linger_(executor),
      random_(std::random_device{}()) {}

HttpSink::~HttpSink() = default;

asio::awaitable<void> HttpSink::run() {
  const std::uint32_t count = std::max(1u, options_.max_requests);
  for (std::uint32_t i = 0; i < count; ++i) {
    ++workers_;
    asio::co_spawn(executor_, work(), [this](const std::exception_ptr& escaped) {
      --workers_;
      if (escaped) log(Level::error, "an http output's worker failed", {{"output", name_}});
      bell_.ring();
    });
  }
  co_await take_frames();
  is_ended_ = true;
  bell_.ring();
  while (workers_ != 0) co_await bell_.wait();
}

void HttpSink::stop() {
  is_stopped_ = true;
  connector_.abort();
  for (Stream* const stream : streams_) stream->abort();
  linger_.ring();
  bell_.ring();
}

asio::awaitable<void> HttpSink::take_frames() {
  while (!is_stopped_) {
    if (queue_.is_full()) {
      co_await bell_.wait();
      continue;
    }
    auto batch = std::make_shared<buffer::FrameBatch>();
    const bool has_more = co_await feed_.take(queue_.request_bytes(), *batch);
    if (!has_more) break;
    const std::size_t bytes = batch->bytes().size();
    queue_.add(std::move(batch));
    bell_.ring();
    // The first event of a while goes at once; those that follow it closely go together.
    if (bytes < queue_.request_bytes() / 2 && options_.linger.count() > 0 && !is_stopped_) {
      co_await linger_.wait(SteadyClock::now() + options_.linger);
    }
  }
}

// As many requests as the endpoints with a connection are good for; one, to find the first.
std::uint32_t HttpSink::allowed_requests() const noexcept {
  std::uint32_t allowed = 0;
  for (const auto& [peer, endpoint] : endpoints_) {
    if (endpoint.connections != 0) allowed += endpoint.pace.limit();
  }
  return std::max(1u, allowed);
}

std::optional<Parcel> HttpSink::claim(HttpWorker& worker, Time now) {
  if (is_stopped_ || busy_ >= allowed_requests()) return std::nullopt;
  if (worker.connection) {
    if (worker.connection->is_due() || !worker.pace->may_send(now)) return std::nullopt;
  } else if (is_connecting_ || idle_connected_ != 0) {
    return std::nullopt;  // whoever has a connection sends sooner
  }
  std::optional<Parcel> parcel = queue_.claim(now);
  if (!parcel) return std::nullopt;
  ++busy_;
  if (queue_.next_due()) bell_.ring();
  return parcel;
}

void HttpSink::forget_endpoints(Time now) {
  // Long enough for a row of failures to remain a row.
  const auto kept = 2 * std::max(options_.retry_max, options_.retry_min);
  for (auto at = endpoints_.begin(); at != endpoints_.end();) {
    const Endpoint& endpoint = at->second;
    const bool is_old = endpoint.connections == 0 && endpoint.pace.held_until() + kept < now;
    at = is_old ? endpoints_.erase(at) : std::next(at);
  }
}

void HttpSink::note_trouble(const std::string& peer, const std::string& why, bool is_ours) {
  if (trouble_.empty() && is_ours) {
    log(Level::error, "a collector refuses our requests; events are kept until that is mended",
        {{"output", name_}, {"collector", peer}, {"why", why}});
  } else if (trouble_.empty()) {
    log(Level::warning, "a collector does not take events now; they are kept",
        {{"output", name_}, {"collector", peer}, {"why", why}});
  }
  trouble_ = (peer.empty() ? "" : peer + ": ") + why;
}

void HttpSink::note_success(const std::string& peer) {
  if (trouble_.empty()) return;
  trouble_.clear();
  log(Level::info, "a collector takes events again", {{"output", name_}, {"collector", peer}});
}

double HttpSink::random_fraction() {
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

}  // namespace sorrel::sink
