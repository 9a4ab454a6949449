#include "sink/connector.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sink/bell.h"
#include "sink/endpoint.h"
#include "sink/net_stream.h"
#include "sink/proxy.h"

namespace sorrel::sink {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t kNsPerMs = 1'000'000;
// A peer that has gone without a word is noticed after this, also when nothing is sent.
constexpr int kKeepIdleS = 30;
constexpr int kKeepIntervalS = 10;
constexpr int kKeepCount = 3;
constexpr unsigned int kUserTimeoutMs = 60'000;
// Of a connection's age limit, so that not all hosts come back at the same time.
constexpr double kAgeJitter = 0.2;

void watch_over(tcp::socket& socket) {
  const int fd = socket.native_handle();
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepIdleS, sizeof kKeepIdleS);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepIntervalS, sizeof kKeepIntervalS);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kKeepCount, sizeof kKeepCount);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Unexpected<Error> failed(const std::string& what, const Watch& watch, std::string why) {
  if (watch.has_expired()) return fail(std::errc::timed_out, what + ": no answer in time");
  return fail(std::errc::host_unreachable, what + ": " + std::move(why));
}

class Connecting final : public NetConnector {
 public:
  Connecting(const NetworkOptions& options, std::vector<Endpoint> endpoints,
             std::optional<Endpoint> proxy, std::unique_ptr<TlsContexts> tls,
             const asio::any_io_executor& executor, const Clock& clock, EndpointList::Random random)
      : options_(options),
        endpoints_(std::move(endpoints)),
        proxy_(std::move(proxy)),
        tls_(std::move(tls)),
        executor_(executor),
        clock_(clock),
        random_(random),
        list_(endpoints_.size(),
              {.retry_min_ms = options.retry_min_ms, .retry_max_ms = options.retry_max_ms},
              std::move(random)),
        bell_(executor) {}

  asio::awaitable<Result<std::unique_ptr<Stream>>> connect() override;
  void report(const Stream& stream, bool is_good) override {
    list_.report(static_cast<const NetStream&>(stream).facts().endpoint, is_good, now_ms());
  }
  void abort() override {
    is_aborted_ = true;
    bell_.ring();
    if (abort_step_) abort_step_();
  }
  const TlsContexts* tls() const noexcept override { return tls_.get(); }
  void refresh() override {
    if (tls_) tls_->refresh();
  }
  ConnectStep failed_step() const noexcept override { return failed_step_; }

 private:
  std::uint64_t now_ms() const { return clock_.monotonic_ns() / kNsPerMs; }
  std::chrono::milliseconds step_timeout() const {
    return std::chrono::milliseconds(options_.connect_timeout_ms);
  }
  asio::awaitable<Result<std::unique_ptr<Stream>>> connect_to(std::size_t index);
  asio::awaitable<Result<tcp::socket>> open_socket(const Endpoint& endpoint, std::string& address);
  asio::awaitable<Status> open_tunnel(tcp::socket& socket, const Endpoint& target);
  asio::awaitable<Result<std::unique_ptr<Stream>>> shake_hands(tcp::socket socket,
                                                               StreamFacts facts,
                                                               const Endpoint& endpoint);

  const NetworkOptions options_;
  const std::vector<Endpoint> endpoints_;
  const std::optional<Endpoint> proxy_;
  const std::unique_ptr<TlsContexts> tls_;  // null: no TLS
  const asio::any_io_executor executor_;
  const Clock& clock_;
  EndpointList::Random random_;
  EndpointList list_;
  Bell bell_;
  std::function<void()> abort_step_;  // ends what connect() waits for
  ConnectStep step_ = ConnectStep::resolve;
  ConnectStep failed_step_ = ConnectStep::done;
  bool is_aborted_ = false;
};

asio::awaitable<Result<std::unique_ptr<Stream>>> Connecting::connect() {
  EndpointList::Choice choice = list_.choose(now_ms());
  while (choice.wait_ms != 0 && !is_aborted_) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(choice.wait_ms);
    co_await bell_.wait(until);
    choice = list_.choose(now_ms());
  }
  if (is_aborted_) co_return fail(std::errc::operation_canceled, "the output stops");
  refresh();
  auto stream = co_await connect_to(choice.index);
  abort_step_ = nullptr;
  if (is_aborted_) co_return fail(std::errc::operation_canceled, "the output stops");
  if (!stream) {
    list_.report(choice.index, false, now_ms());
    failed_step_ = step_;
  }
  co_return stream;
}

asio::awaitable<Result<std::unique_ptr<Stream>>> Connecting::connect_to(std::size_t index) {
  const Endpoint& endpoint = endpoints_[index];
  std::string address;
  auto socket = co_await open_socket(proxy_ ? *proxy_ : endpoint, address);
  if (!socket) co_return Unexpected<Error>(socket.error());
  if (proxy_) {
    const Status tunnel = co_await open_tunnel(*socket, endpoint);
    if (!tunnel) co_return Unexpected<Error>(tunnel.error());
  }
  const double age_s = options_.max_age_s * (1.0 - kAgeJitter * random_());
  StreamFacts facts{.peer = endpoint.to_string() + " (" + address + ")",
                    .endpoint = index,
                    .due = std::chrono::steady_clock::now() +
                           std::chrono::milliseconds(static_cast<std::int64_t>(age_s * 1'000)),
                    .context = tls_ ? tls_->current() : nullptr};
  if (!tls_) co_return make_tcp_stream(*std::move(socket), std::move(facts));
  co_return co_await shake_hands(*std::move(socket), std::move(facts), endpoint);
}

asio::awaitable<Result<tcp::socket>> Connecting::open_socket(const Endpoint& endpoint,
                                                             std::string& address) {
  Watch watch(executor_);
  step_ = ConnectStep::resolve;
  tcp::resolver resolver(executor_);
  abort_step_ = [&resolver] { resolver.cancel(); };
  watch.arm(step_timeout(), [&resolver] { resolver.cancel(); });
  const std::string port = std::to_string(endpoint.port);
  const auto [unresolved, found] = co_await resolver.async_resolve(endpoint.host, port, kNoThrow);
  watch.disarm();
  if (unresolved) {
    co_return failed("cannot resolve the name " + endpoint.host, watch, unresolved.message());
  }
  step_ = ConnectStep::connect;
  std::string why = "it has no address";
  for (const auto& entry : found) {
    tcp::socket socket(executor_);
    const auto close = [&socket] {
      boost::system::error_code ignored;
      socket.close(ignored);
    };
    abort_step_ = close;
    watch.arm(step_timeout(), close);
    const auto [error] = co_await socket.async_connect(entry.endpoint(), kNoThrow);
    watch.disarm();
    abort_step_ = nullptr;
    address = entry.endpoint().address().to_string();
    if (!error) {
      watch_over(socket);
      co_return socket;
    }
    why = address + ": " + (watch.has_expired() ? "no answer in time" : error.message());
    if (is_aborted_) break;
  }
  co_return fail(std::errc::host_unreachable,
                 "cannot connect to " + endpoint.to_string() + ": " + why);
}

asio::awaitable<Status> Connecting::open_tunnel(tcp::socket& socket, const Endpoint& target) {
  step_ = ConnectStep::proxy;
  const std::string what = "the proxy " + proxy_->to_string();
  Watch watch(executor_);
  const auto close = [&socket] {
    boost::system::error_code ignored;
    socket.close(ignored);
  };
  abort_step_ = close;
  watch.arm(step_timeout(), close);
  const std::string request = connect_request(target);
  // Far smaller than any socket's buffer: it goes out whole.
  const auto [unsent, sent] = co_await socket.async_write_some(asio::buffer(request), kNoThrow);
  if (unsent || sent != request.size()) co_return failed(what, watch, unsent.message());
  std::string head;
  for (;;) {
    // A byte at a time: what follows the head belongs to the tunnel.
    char byte = 0;
    const auto [error, size] = co_await socket.async_read_some(asio::buffer(&byte, 1), kNoThrow);
    if (error) co_return failed(what, watch, error.message());
    head.append(&byte, size);
    const auto end = read_connect_answer(head);
    if (!end) co_return fail(end.error().code, what + ": " + end.error().message);
    if (*end) break;
  }
  watch.disarm();
  abort_step_ = nullptr;
  co_return Ok{};
}

asio::awaitable<Result<std::unique_ptr<Stream>>> Connecting::shake_hands(tcp::socket socket,
                                                                         StreamFacts facts,
                                                                         const Endpoint& endpoint) {
  step_ = ConnectStep::handshake;
  ::SSL_CTX_up_ref(facts.context->native());
  // Takes the reference over, and needs to live only until the stream is made.
  asio::ssl::context context(facts.context->native());
  auto stream = std::make_unique<TlsSocket>(std::move(socket), context);
  SSL* const native = stream->native_handle();
  const std::string what = "TLS with " + facts.peer;
  if (const Status ready = facts.context->prepare(native, endpoint); !ready) {
    co_return fail(ready.error().code, what + ": " + ready.error().message);
  }
  Watch watch(executor_);
  const auto close = [&stream] {
    boost::system::error_code ignored;
    stream->lowest_layer().close(ignored);
  };
  abort_step_ = close;
  watch.arm(step_timeout(), close);
  const auto [error] = co_await stream->async_handshake(asio::ssl::stream_base::client, kNoThrow);
  watch.disarm();
  abort_step_ = nullptr;
  if (error) {
    const bool is_tls = error.category() == asio::error::get_ssl_category();
    co_return failed(what, watch,
                     is_tls ? describe_tls_error(native, static_cast<unsigned long>(error.value()))
                            : error.message() + " (does the collector speak TLS on this port?)");
  }
  if (const Status pinned = facts.context->check_pinned(native); !pinned) {
    co_return fail(pinned.error().code, what + ": " + pinned.error().message);
  }
  co_return make_tls_stream(std::move(stream), std::move(facts));
}

}  // namespace

const char* connect_step_name(ConnectStep step) noexcept {
  constexpr const char* kNames[] = {"DNS", "TCP", "proxy", "TLS", "connected"};
  return kNames[static_cast<std::size_t>(step)];
}

Result<std::unique_ptr<NetConnector>> NetConnector::create(std::string output,
                                                           const NetworkOptions& options,
                                                           const asio::any_io_executor& executor,
                                                           const Clock& clock,
                                                           EndpointList::Random random) {
  if (options.addresses.empty()) {
    return fail(std::errc::invalid_argument, "output " + output + " has no address");
  }
  std::vector<Endpoint> endpoints;
  for (const std::string& text : options.addresses) {
    auto endpoint = parse_endpoint(text);
    if (!endpoint) return Unexpected<Error>(std::move(endpoint).error());
    endpoints.push_back(*std::move(endpoint));
  }
  std::optional<Endpoint> proxy;
  if (!options.proxy.empty()) {
    auto endpoint = parse_endpoint(options.proxy);
    if (!endpoint) return Unexpected<Error>(std::move(endpoint).error());
    proxy = *std::move(endpoint);
  }
  std::unique_ptr<TlsContexts> tls;
  if (options.tls.is_on) {
    auto contexts = TlsContexts::create(output, options.tls);
    if (!contexts) return Unexpected<Error>(std::move(contexts).error());
    tls = *std::move(contexts);
  }
  return std::unique_ptr<NetConnector>(new Connecting(options, std::move(endpoints),
                                                      std::move(proxy), std::move(tls), executor,
                                                      clock, std::move(random)));
}

}  // namespace sorrel::sink
