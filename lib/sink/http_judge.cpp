#include <algorithm>
#include <utility>

#include "sink/body_codec.h"
#include "sink/bulk_splunk.h"
#include "sink/http_credentials.h"
#include "sink/http_target.h"
#include "sink/http_worker.h"
#include "sink/retry_after.h"

// What the http sink sends, and what it makes of the answers.
namespace sorrel::sink {
namespace {

using SteadyClock = std::chrono::steady_clock;
// Waiting longer than this on a connection is worse than asking another endpoint, if there is one.
constexpr std::chrono::seconds kLongHold{5};

// Why frames of a request have to be sent again; null: none has.
const std::string* first_retry(const BulkAnswer& answer) noexcept {
  const auto found =
      std::find_if(answer.frames.begin(), answer.frames.end(),
                   [](const FrameAnswer& frame) { return frame.kind == FrameAnswer::Kind::retry; });
  return found == answer.frames.end() ? nullptr : &found->reason;
}

}  // namespace

Result<std::string> HttpSink::make_head(const HttpWorker& worker, const std::string& target,
                                        std::string_view content_type,
                                        const Request& request) const {
  HttpRequestHead head;
  head.target = target;
  head.host = options_.host.empty() ? host_of(worker.connection->peer()) : options_.host;
  head.content_type = content_type;
  if (request.is_compressed) head.content_encoding = content_encoding(options_.compression);
  head.body_bytes = request.body.size();
  Status added = append_credentials(head.headers, options_.auth, format_->token_scheme());
  if (!added) return Unexpected(std::move(added).error());
  if (!worker.channel.empty()) {
    head.headers.emplace_back("X-Splunk-Request-Channel", worker.channel);
  }
  if (!worker.connection->cookies().empty()) {
    head.headers.emplace_back("Cookie", worker.connection->cookies());
  }
  std::string text;
  Status appended = append_request_head(text, head);
  if (!appended) return Unexpected(std::move(appended).error());
  return text;
}

Result<HttpSink::Request> HttpSink::make_request(const HttpWorker& worker,
                                                 const Parcel& parcel) const {
  Request request;
  format_->append_body(parcel.frames, request.body);
  if (options_.compression != Compression::none && queue_.may_compress() &&
      !parcel.is_uncompressed) {
    std::string compressed;
    Status done = compress(options_.compression, request.body, compressed);
    if (!done) return Unexpected(std::move(done).error());
    request.body = std::move(compressed);
    request.is_compressed = true;
  }
  const std::string_view type =
      options_.content_type.empty() ? format_->content_type() : options_.content_type;
  Result<std::string> head = make_head(worker, target_, type, request);
  if (!head) return Unexpected(std::move(head).error());
  request.head = *std::move(head);
  return request;
}

Result<HttpSink::Request> HttpSink::make_ack_question(HttpWorker& worker, Time now) const {
  Request request;
  request.body = ack_question(worker.acks.ask(now));
  Result<std::string> head =
      make_head(worker, ack_target(target_), format_->content_type(), request);
  if (!head) return Unexpected(std::move(head).error());
  request.head = *std::move(head);
  return request;
}

void HttpSink::judge(HttpWorker& worker, Parcel parcel, const Request& request,
                     const HttpResponse& response) {
  counters_.requests.add();
  counters_.body_bytes.add(parcel.bytes);
  counters_.sent_bytes.add(request.head.size() + request.body.size());
  BulkAnswer answer = format_->read(response, parcel.frames.size());
  if (request.is_compressed && response.status == 415) {
    answer.verdict = BulkAnswer::Verdict::bad_request;  // the compression is what is not supported
  }
  const auto asked = parse_retry_after(
      response.retry_after, static_cast<std::int64_t>(clock_.realtime_ns() / 1'000'000'000));
  take_answer(worker, std::move(parcel), std::move(answer), request.is_compressed, asked);
}

void HttpSink::take_answer(HttpWorker& worker, Parcel parcel, BulkAnswer answer,
                           bool was_compressed, std::optional<std::chrono::milliseconds> asked) {
  using Verdict = BulkAnswer::Verdict;
  const Time now = SteadyClock::now();
  const std::string peer = worker.connection->peer();
  HttpPace& pace = *worker.pace;
  bool is_good = true;
  bool is_kept = worker.connection->is_open();
  switch (answer.verdict) {
    case Verdict::busy:
      counters_.busy.add();
      pace.slow_down(now, random_fraction(), asked);
      note_trouble(peer, answer.reason, false);
      is_good = pace.held_until() - now < kLongHold;
      break;
    case Verdict::failed:
    case Verdict::denied: {
      const bool is_ours = answer.verdict == Verdict::denied;
      (is_ours ? counters_.denied : counters_.failed).add();
      pace.fail(now, random_fraction(), asked);
      note_trouble(peer, answer.reason, is_ours);
      is_good = false;
      break;
    }
    case Verdict::each:
      if (const std::string* why = first_retry(answer)) {
        // A part of the collector is busy: the same pause as when all of it is.
        counters_.busy.add();
        pace.slow_down(now, random_fraction(), asked);
        note_trouble(peer, *why, false);
        break;
      }
      [[fallthrough]];
    default:
      pace.succeed();
      peer_ = peer;
      if (!worker.is_proven) connector_.report(worker.connection->stream(), true);
      worker.is_proven = true;
      if (answer.verdict == Verdict::all || answer.verdict == Verdict::each) note_success(peer);
      break;
  }
  if (answer.verdict == Verdict::pending) {
    auto before = worker.acks.add(answer.ack_id, std::move(parcel), now);
    if (before) queue_.give_back(*std::move(before));
  } else {
    queue_.settle(std::move(parcel), answer, was_compressed, now);
  }
  is_kept = is_kept && is_good;
  if (!is_kept) drop(worker, is_good);
}

void HttpSink::take_broken(HttpWorker& worker, Parcel parcel, const Error& error) {
  // A collector that says nothing is not one that has closed an idle connection.
  if (worker.connection->was_idle() && error.code != std::errc::timed_out) {
    worker.pace->forget();
    queue_.give_back(std::move(parcel));
    return drop(worker, true);
  }
  counters_.failed.add();
  worker.pace->fail(SteadyClock::now(), random_fraction(), std::nullopt);
  note_trouble(worker.connection->peer(), error.to_string(), false);
  queue_.give_back_broken(std::move(parcel));
  drop(worker, false);
}

}  // namespace sorrel::sink
