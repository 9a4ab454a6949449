#include "sink/udp_sink.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kTakeBytes = 64u << 10;
// A receiver that is not there says so at once, when it is near: what was sent is held back for
// this long before it counts as sent.
constexpr milliseconds kDoubt{20};
constexpr milliseconds kBurst{50};  // of the rate that may go together
constexpr std::chrono::minutes kResolveAgain{5};
constexpr std::chrono::seconds kCalm{5};  // without an error, and all is well again
constexpr unsigned kMaxDoublings = 16;

Unexpected<Error> failed(const std::string& peer, const boost::system::error_code& error) {
  if (error == asio::error::message_size) return fail(std::errc::message_size, error.message());
  const bool is_refused = error == asio::error::connection_refused;
  return fail(std::errc::host_unreachable,
              "sending to " + peer +
                  " failed: " + (is_refused ? "nobody listens on that port" : error.message()));
}

}  // namespace

struct UdpSink::Socket {
  explicit Socket(const asio::any_io_executor& executor) : it(executor) {}
  udp::socket it;
};

Result<std::unique_ptr<UdpSink>> UdpSink::create(std::string name, const UdpOptions& options,
                                                 const asio::any_io_executor& executor,
                                                 Feed& feed) {
  auto endpoint = parse_endpoint(options.address);
  if (!endpoint) return Unexpected<Error>(std::move(endpoint).error());
  return std::unique_ptr<UdpSink>(
      new UdpSink(std::move(name), options, *std::move(endpoint), executor, feed));
}

UdpSink::UdpSink(std::string name, const UdpOptions& options, Endpoint endpoint,
                 const asio::any_io_executor& executor, Feed& feed)
    : name_(std::move(name)),
      options_(options),
      endpoint_(std::move(endpoint)),
      executor_(executor),
      feed_(feed),
      bell_(executor),
      format_(options.format) {}

UdpSink::~UdpSink() = default;

asio::awaitable<void> UdpSink::run() {
  buffer::FrameBatch batch;
  while (!is_stopped_ && co_await feed_.take(kTakeBytes, batch)) {
    rejected_.clear();
    for (;;) {
      Status sent = co_await open();
      if (sent) sent = co_await send(batch);
      if (is_stopped_) co_return;
      if (sent) break;
      note_trouble(sent.error().message);
      co_await wait_to_retry();
    }
    acknowledge(batch);
    note_sent(SteadyClock::now());
  }
}

void UdpSink::acknowledge(const buffer::FrameBatch& batch) {
  for (const buffer::FrameHeader& frame : batch.frames()) {
    if (rejected_.count(frame.sequence) != 0) continue;
    feed_.acknowledge(frame.lane, frame.sequence, frame.sequence);
    counters_.acknowledged.add();
  }
}

void UdpSink::stop() {
  is_stopped_ = true;
  if (abort_resolve_) abort_resolve_();
  bell_.ring();
}

asio::awaitable<Status> UdpSink::open() {
  const Time now = SteadyClock::now();
  if (socket_ && now - resolved_at_ < kResolveAgain) co_return Ok{};
  udp::resolver resolver(executor_);
  abort_resolve_ = [&resolver] { resolver.cancel(); };
  const std::string port = std::to_string(endpoint_.port);
  const auto [error, found] = co_await resolver.async_resolve(endpoint_.host, port, kNoThrow);
  abort_resolve_ = nullptr;
  if (error && socket_) {  // the name server is away: the address that we have will do
    resolved_at_ = now;
    co_return Ok{};
  }
  if (error) {
    co_return fail(std::errc::host_unreachable,
                   "cannot resolve the name " + endpoint_.host + ": " + error.message());
  }
  boost::system::error_code why;
  for (const auto& entry : found) {
    auto made = std::make_unique<Socket>(executor_);
    made->it.open(entry.endpoint().protocol(), why);
    if (!why) made->it.connect(entry.endpoint(), why);
    if (why) continue;
    socket_ = std::move(made);
    resolved_at_ = now;
    peer_ = endpoint_.to_string() + " (" + entry.endpoint().address().to_string() + ")";
    co_return Ok{};
  }
  co_return failed(endpoint_.to_string(), why);
}

asio::awaitable<Status> UdpSink::send(const buffer::FrameBatch& batch) {
  std::size_t offset = 0;
  for (const buffer::FrameHeader& header : batch.frames()) {
    const std::string_view bytes = batch.bytes().substr(offset, header.size_bytes);
    offset += header.size_bytes;
    if (rejected_.count(header.sequence) != 0) continue;
    const Status sent = co_await send_frame(header, bytes);
    if (sent) continue;
    if (sent.error().code != std::errc::message_size) co_return sent;
    // No datagram of this size will ever go: it would hold up all others.
    rejected_.insert(header.sequence);
    counters_.rejected.add();
    feed_.reject(header, bytes, "too long for a datagram: lower max_message");
  }
  co_await bell_.wait(SteadyClock::now() + kDoubt);
  int pending = 0;
  socklen_t size = sizeof pending;
  ::getsockopt(socket_->it.native_handle(), SOL_SOCKET, SO_ERROR, &pending, &size);
  if (pending == 0) co_return Ok{};
  co_return failed(peer_, {pending, boost::system::system_category()});
}

asio::awaitable<Status> UdpSink::send_frame(const buffer::FrameHeader& header,
                                            std::string_view bytes) {
  messages_.clear();
  format_.messages(header, bytes,
                   [this](std::string_view message) { messages_.emplace_back(message); });
  for (const std::string& message : messages_) {
    co_await keep_pace();
    if (is_stopped_) co_return fail(std::errc::operation_canceled, "the output stops");
    const auto [error, size] = co_await socket_->it.async_send(asio::buffer(message), kNoThrow);
    if (error) co_return failed(peer_, error);
    counters_.sent_bytes.add(size);
  }
  co_return Ok{};
}

asio::awaitable<void> UdpSink::keep_pace() {
  const auto interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / options_.rate;
  const Time now = SteadyClock::now();
  next_at_ = std::max(next_at_, now - kBurst) + interval;
  while (next_at_ > SteadyClock::now() && !is_stopped_) co_await bell_.wait(next_at_);
}

asio::awaitable<void> UdpSink::wait_to_retry() {
  counters_.refused.add();
  socket_.reset();  // the name may stand for another address by now
  const auto wait = std::min(options_.retry_max, options_.retry_min * (1u << failures_));
  failures_ = std::min(failures_ + 1, kMaxDoublings);
  const Time until = SteadyClock::now() + wait;
  good_since_ = until;
  while (!is_stopped_ && SteadyClock::now() < until) co_await bell_.wait(until);
}

void UdpSink::note_trouble(std::string why) {
  if (why == trouble_) return;
  trouble_ = std::move(why);
  log(Level::warning, "an output cannot deliver; it tries again, and nothing is lost meanwhile",
      {{"output", name_}, {"error", trouble_}});
}

void UdpSink::note_sent(Time now) {
  failures_ = 0;
  if (trouble_.empty() || now - good_since_ < kCalm) return;
  trouble_.clear();
  log(Level::info, "an output delivers again", {{"output", name_}, {"peer", peer_}});
}

}  // namespace sorrel::sink
