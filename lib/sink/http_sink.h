#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "sink/bell.h"
#include "sink/bulk_format.h"
#include "sink/feed.h"
#include "sink/http_counters.h"
#include "sink/http_options.h"
#include "sink/http_pace.h"
#include "sink/http_queue.h"
#include "sink/stream.h"

namespace sorrel::sink {

struct HttpWorker;

// Ships frames to collectors over HTTP, in any of the bulk formats. Several requests are under way
// at the same time, each on a connection of its own; how many, each endpoint's answers decide. All
// on the executor's thread.
class HttpSink {
 public:
  // `name`: the output's, for the log. The feed, the connector and the clock outlive the sink.
  // Errors: what the options cannot have.
  static Result<std::unique_ptr<HttpSink>> create(std::string name, const HttpOptions& options,
                                                  const boost::asio::any_io_executor& executor,
                                                  Feed& feed, Connector& connector,
                                                  const Clock& clock);
  ~HttpSink();
  HttpSink(const HttpSink&) = delete;
  HttpSink& operator=(const HttpSink&) = delete;

  // Takes and ships until the feed gives no more and all that was taken is answered for, or stop().
  // Once only; the sink goes after it has returned.
  boost::asio::awaitable<void> run();
  // Gives up what is under way; it is not answered for. The feed is stopped by whoever owns it.
  void stop();

  const HttpCounters& counters() const noexcept { return counters_; }
  // Why nothing gets through, for people; empty when all is well.
  const std::string& trouble() const noexcept {
    return trouble_.empty() ? queue_.refusal() : trouble_;
  }
  // Whose answer was the last one of use, while there is a connection to it; empty: nobody's.
  const std::string& peer() const noexcept { return peer_; }

 private:
  using Time = HttpPace::Time;
  struct Endpoint {
    explicit Endpoint(const HttpOptions& options) : pace(options) {}
    HttpPace pace;
    unsigned connections = 0;
  };
  struct Request {
    std::string head;
    std::string body;
    bool is_compressed = false;
  };

  HttpSink(std::string name, const HttpOptions& options, std::unique_ptr<BulkFormat> format,
           const boost::asio::any_io_executor& executor, Feed& feed, Connector& connector,
           const Clock& clock);

  boost::asio::awaitable<void> take_frames();
  boost::asio::awaitable<void> work();
  boost::asio::awaitable<void> wait_for_work(HttpWorker& worker);
  boost::asio::awaitable<void> open(HttpWorker& worker);
  boost::asio::awaitable<void> send(HttpWorker& worker, Parcel parcel);
  boost::asio::awaitable<void> ask_for_acks(HttpWorker& worker);
  boost::asio::awaitable<void> retire(HttpWorker& worker);

  std::optional<Parcel> claim(HttpWorker& worker, Time now);
  std::uint32_t allowed_requests() const noexcept;
  Result<Request> make_request(const HttpWorker& worker, const Parcel& parcel) const;
  Result<Request> make_ack_question(HttpWorker& worker, Time now) const;
  Result<std::string> make_head(const HttpWorker& worker, const std::string& target,
                                std::string_view content_type, const Request& request) const;
  void judge(HttpWorker& worker, Parcel parcel, const Request& request,
             const HttpResponse& response);
  void take_answer(HttpWorker& worker, Parcel parcel, BulkAnswer answer, bool was_compressed,
                   std::optional<std::chrono::milliseconds> asked);
  void take_broken(HttpWorker& worker, Parcel parcel, const Error& error);
  void drop(HttpWorker& worker, bool is_good);
  void forget_endpoints(Time now);
  void note_trouble(const std::string& peer, const std::string& why, bool is_ours);
  void note_success(const std::string& peer);
  double random_fraction();

  const std::string name_;
  const HttpOptions options_;
  const std::unique_ptr<BulkFormat> format_;
  const std::string target_;
  const boost::asio::any_io_executor executor_;
  Connector& connector_;
  Feed& feed_;
  const Clock& clock_;
  HttpCounters counters_;
  HttpQueue queue_;
  Bell bell_;
  Bell linger_;
  std::map<std::string, Endpoint> endpoints_;  // by peer
  std::set<Stream*> streams_;
  std::minstd_rand random_;
  std::string trouble_;
  std::string peer_;
  std::uint32_t busy_ = 0;            // workers that have a parcel
  std::uint32_t idle_connected_ = 0;  // workers that could send at once
  std::uint32_t workers_ = 0;
  bool is_connecting_ = false;
  bool is_ended_ = false;  // the feed gives nothing more
  bool is_stopped_ = false;
};

}  // namespace sorrel::sink
