// Senders of syslog and RELP that do no more than the protocol asks for. They keep nothing, come
// back from nothing, and are what no sink can be much cheaper than.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/fd.h"
#include "common.h"
#include "sink/relp_frame.h"
#include "sink/syslog_format.h"
#include "sink_bench.h"

namespace sorrel::bench {
namespace {

constexpr std::size_t kWriteBytes = 16'384;  // a TLS record's most

// A blocking connection to 127.0.0.1.
class Connection {
 public:
  explicit Connection(const SinkArguments& arguments)
      : context_(::SSL_CTX_new(::TLS_client_method())),
        socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SSL_CTX* const context = context_.get();
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    must(::SSL_CTX_load_verify_locations(context, arguments.option("ca").c_str(), nullptr));
    must(::SSL_CTX_use_certificate_chain_file(context, arguments.option("cert").c_str()));
    must(::SSL_CTX_use_PrivateKey_file(context, arguments.option("key").c_str(), SSL_FILETYPE_PEM));
    const std::string port = arguments.address.substr(arguments.address.rfind(':') + 1);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      give_up("nobody listens at " + arguments.address);
    }
    tls_.reset(::SSL_new(context));
    ::SSL_set1_host(tls_.get(), "localhost");
    ::SSL_set_fd(tls_.get(), socket_.get());
    must(::SSL_connect(tls_.get()));
  }

  // Else a last small piece waits for the peer's acknowledgement. Only where there are answers to
  // wait for: a stream without a pause is faster without.
  void send_at_once() {
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), kWriteBytes);
      must(::SSL_write(tls_.get(), bytes.data(), static_cast<int>(size)));
      bytes.remove_prefix(size);
    }
  }
  // Appends what has come, at least a byte.
  void read(std::string& to) {
    char bytes[kWriteBytes];
    const int got = ::SSL_read(tls_.get(), bytes, sizeof bytes);
    must(got);
    to.append(bytes, static_cast<std::size_t>(got));
    // See NetStream: servers that answer in small pieces wait for our kernel otherwise.
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
  // Says good-bye, and waits until the peer has read everything.
  void close() {
    ::SSL_shutdown(tls_.get());
    ::shutdown(socket_.get(), SHUT_WR);
    char rest[512];
    while (::recv(socket_.get(), rest, sizeof rest, 0) > 0) {
    }
  }

 private:
  static void must(int result) {
    if (result > 0) return;
    char why[256];
    ::ERR_error_string_n(::ERR_get_error(), why, sizeof why);
    give_up(std::string("the bare sender's TLS failed: ") + why);
  }
  struct Free {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
    void operator()(SSL* tls) const { ::SSL_free(tls); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  Fd socket_;
  std::unique_ptr<SSL, Free> tls_;
};

// The messages of all events, one after the other, made before the time counts: a sender that has
// to make them can only be dearer. `frame(index, message)` appends one to the bytes.
template <class Frame>
void each_message(const SinkEvents& events, Frame frame) {
  sink::SyslogFormatOptions options;
  options.host = "web1.example.org";
  sink::SyslogFormat format(options);
  for (std::size_t i = 0; i < events.frames().size(); ++i) {
    format.messages(events.frames()[i], events.bytes_of(i),
                    [&](std::string_view message) { frame(message); });
  }
}

}  // namespace

void send_bare_syslog(const SinkArguments& arguments, const SinkEvents& events) {
  std::string all;
  all.reserve(events.bytes().size() + events.frames().size() * 160);
  each_message(events, [&all](std::string_view message) {
    all += std::to_string(message.size());
    all += ' ';
    all += message;
  });
  const SinkClock watch;
  Connection connection(arguments);
  connection.write(all);
  connection.close();
  watch.print(events);
}

void send_bare_relp(const SinkArguments& arguments, const SinkEvents& events) {
  const std::size_t window = sink::RelpOptions{}.window;
  std::string all;
  all.reserve(events.bytes().size() + events.frames().size() * 180);
  std::vector<std::size_t> ends;
  ends.reserve(events.frames().size());
  std::uint32_t number = 1;
  each_message(events, [&](std::string_view message) {
    sink::append_relp_frame(++number, "syslog", message, all);
    ends.push_back(all.size());
  });
  std::string open;
  sink::append_relp_frame(1, "open", "relp_version=0\nrelp_software=bench\ncommands=syslog\n",
                          open);

  const SinkClock watch;
  Connection connection(arguments);
  connection.send_at_once();
  std::string in;
  // Takes all answers that have come whole; returns how many of them.
  const auto take_answers = [&] {
    connection.read(in);
    std::size_t at = 0;
    std::size_t count = 0;
    for (;;) {
      const auto frame = or_exit(sink::parse_relp_frame(std::string_view(in).substr(at)));
      if (!frame) break;
      if (sink::relp_code(frame->data) != 200) give_up("the server refuses a message");
      at += frame->size;
      ++count;
    }
    in.erase(0, at);
    return count;
  };
  connection.write(open);
  while (take_answers() == 0) {
  }
  std::size_t sent = 0;
  std::size_t answered = 0;
  while (answered < ends.size()) {
    const std::size_t end = std::min(ends.size(), answered + window);
    // Half a window at a time: a write for each answer would be a packet for each message.
    if (end - sent >= window / 2 || end == ends.size()) {
      const std::size_t from = sent == 0 ? 0 : ends[sent - 1];
      if (end > sent) connection.write(std::string_view(all).substr(from, ends[end - 1] - from));
      sent = end;
    }
    answered += take_answers();
  }
  connection.close();
  watch.print(events);
}

}  // namespace sorrel::bench
