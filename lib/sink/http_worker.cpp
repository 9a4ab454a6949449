#include "sink/http_worker.h"

#include <algorithm>
#include <utility>

#include "sink/bulk_splunk.h"

// The coroutines of the http sink that have a connection each. Their parameters live in the
// coroutine that awaits them.
namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
constexpr Timeout kCloseTimeout{2'000};

}  // namespace

asio::awaitable<void> HttpSink::work() {
  HttpWorker worker(options_);
  while (!is_stopped_) {
    const Time now = SteadyClock::now();
    for (Parcel& late : worker.acks.expire(now)) {
      counters_.unconfirmed.add(late.frames.size());
      queue_.give_back(std::move(late));
    }
    if (worker.connection && worker.connection->is_due() && worker.acks.is_empty()) {
      co_await retire(worker);
      continue;
    }
    const auto question = worker.acks.next_question();
    if (worker.connection && question && *question <= now) {
      co_await ask_for_acks(worker);
      continue;
    }
    std::optional<Parcel> parcel = claim(worker, now);
    if (parcel) {
      co_await send(worker, *std::move(parcel));
      --busy_;
      bell_.ring();
      continue;
    }
    if (is_ended_ && queue_.is_empty()) break;
    co_await wait_for_work(worker);
  }
  if (is_stopped_) {
    drop(worker, true);
  } else {
    co_await retire(worker);
  }
}

asio::awaitable<void> HttpSink::wait_for_work(HttpWorker& worker) {
  const Time now = SteadyClock::now();
  Time until = Time::max();
  const auto consider = [&until, now](std::optional<Time> at) {
    if (at && *at > now) until = std::min(until, *at);
  };
  consider(queue_.next_due());
  bool could_send = false;
  if (worker.connection) {
    consider(worker.pace->held_until());
    consider(worker.acks.next_question());
    could_send = !worker.connection->is_due() && worker.pace->may_send(now);
  }
  if (could_send) ++idle_connected_;
  co_await bell_.wait(until);
  if (could_send) --idle_connected_;
}

asio::awaitable<void> HttpSink::open(HttpWorker& worker) {
  is_connecting_ = true;
  Result<std::unique_ptr<Stream>> stream = co_await connector_.connect();
  is_connecting_ = false;
  bell_.ring();
  if (!stream) {
    if (!is_stopped_) {
      counters_.failed.add();
      note_trouble("", stream.error().to_string(), false);
    }
    co_return;
  }
  if (is_stopped_) co_return;
  counters_.connections.add();
  forget_endpoints(SteadyClock::now());
  streams_.insert(stream->get());
  worker.connection.emplace(*std::move(stream), options_.answer_bytes);
  Endpoint& endpoint = endpoints_.try_emplace(worker.connection->peer(), options_).first->second;
  ++endpoint.connections;
  worker.pace = &endpoint.pace;
  worker.is_proven = false;
  worker.channel = options_.splunk.has_acks ? make_channel() : std::string();
}

// The worker has no connection any more; what it waited for is sent again.
void HttpSink::drop(HttpWorker& worker, bool is_good) {
  if (!worker.connection) return;
  if (!is_good) connector_.report(worker.connection->stream(), false);
  streams_.erase(&worker.connection->stream());
  const auto endpoint = endpoints_.find(worker.connection->peer());
  if (endpoint != endpoints_.end() && --endpoint->second.connections == 0 &&
      endpoint->first == peer_) {
    peer_.clear();
  }
  worker.pace = nullptr;
  worker.connection.reset();
  for (Parcel& parcel : worker.acks.take_all()) {
    counters_.unconfirmed.add(parcel.frames.size());
    queue_.give_back(std::move(parcel));
  }
}

// The connection has served long enough.
asio::awaitable<void> HttpSink::retire(HttpWorker& worker) {
  if (!worker.connection) co_return;
  const Status closed = co_await worker.connection->stream().close(kCloseTimeout);
  static_cast<void>(closed);  // nothing is under way, so nothing can be lost
  drop(worker, true);
  bell_.ring();
}

asio::awaitable<void> HttpSink::send(HttpWorker& worker, Parcel parcel) {
  if (!worker.connection) {
    co_await open(worker);
    // The endpoint may be held back, which was not known before.
    if (!worker.connection || !worker.pace->may_send(SteadyClock::now())) {
      queue_.give_back(std::move(parcel));
      co_return;
    }
  }
  Result<Request> request = make_request(worker, parcel);
  worker.pace->begin();
  if (!request) {
    worker.pace->slow_down(SteadyClock::now(), random_fraction(), std::nullopt);
    counters_.denied.add();
    note_trouble(worker.connection->peer(), request.error().to_string(), true);
    queue_.give_back(std::move(parcel));
    co_return;
  }
  const Result<HttpResponse> response =
      co_await worker.connection->exchange(request->head, request->body, options_.timeout);
  if (is_stopped_) {
    worker.pace->forget();
  } else if (response) {
    judge(worker, std::move(parcel), *request, *response);
  } else {
    take_broken(worker, std::move(parcel), response.error());
  }
}

asio::awaitable<void> HttpSink::ask_for_acks(HttpWorker& worker) {
  const Result<Request> request = make_ack_question(worker, SteadyClock::now());
  if (!request) {
    note_trouble(worker.connection->peer(), request.error().to_string(), true);
    co_return;
  }
  const Result<HttpResponse> response =
      co_await worker.connection->exchange(request->head, request->body, options_.timeout);
  if (is_stopped_) co_return;
  const auto safe = response ? read_acks(*response) : std::nullopt;
  if (!safe) {
    counters_.failed.add();
    note_trouble(worker.connection->peer(),
                 response ? "no answer to the question for acknowledgements, but " +
                                read_status(*response).reason
                          : response.error().to_string(),
                 false);
    drop(worker, false);
  } else {
    for (const Parcel& parcel : worker.acks.confirm(*safe)) queue_.acknowledge(parcel);
    if (!safe->empty()) note_success(worker.connection->peer());
    if (!worker.connection->is_open()) drop(worker, true);
  }
  bell_.ring();
}

}  // namespace sorrel::sink
