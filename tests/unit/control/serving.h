#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "catch.h"
#include "control/server.h"
#include "support.h"

namespace sorrel::control::test {

// A server, and the loop that it runs in, which the test turns: all is one thread.
class Serving {
 public:
  explicit Serving(const Limits& limits = {}, std::optional<uid_t> own_uid = {}) {
    ListenSettings settings{.path = folder.path("control.sock"),
                            .owner = ::geteuid(),
                            .owner_group = ::getegid(),
                            .group = {}};
    auto listener = Listener::open(settings);
    REQUIRE(listener);
    server = std::make_unique<Server>(io.get_executor(), *std::move(listener),
                                      Access{.own_uid = own_uid.value_or(::geteuid()), .group = {}},
                                      limits);
  }

  std::string path() const { return folder.path("control.sock"); }
  const Counters& counters() const { return server->counters(); }

  // Runs the loop until `condition` holds; what it waits for are other ends and short deadlines.
  bool until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  // Runs what is ready.
  void turn() {
    io.restart();
    while (io.poll() != 0) {
    }
  }

  TempFolder folder;
  boost::asio::io_context io{1};
  std::unique_ptr<Server> server;
};

// The other end.
class TestPeer {
 public:
  explicit TestPeer(Serving& serving) : serving_(serving), fd_(connect_to(serving.path())) {
    REQUIRE(fd_);
  }

  void send(const std::string& bytes) {
    REQUIRE(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  // False: the server has closed the connection.
  bool try_send(const std::string& bytes) {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }
  void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }
  void hang_up() { fd_.reset(); }

  // Reads what is there; true once the connection is closed.
  bool read_some() {
    char bytes[65'536];
    for (;;) {
      const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0) {
        received_.append(bytes, static_cast<std::size_t>(got));
        continue;
      }
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) return true;
      return false;
    }
  }
  // The next `count` lines.
  std::vector<std::string> lines(std::size_t count) {
    std::vector<std::string> found;
    REQUIRE(serving_.until([&] {
      read_some();
      for (std::size_t end = 0;
           found.size() < count && (end = received_.find('\n')) != std::string::npos;) {
        found.push_back(received_.substr(0, end));
        received_.erase(0, end + 1);
      }
      return found.size() == count;
    }));
    return found;
  }
  std::string line() { return lines(1).front(); }
  // Whether the server closes the connection, after what it may still say.
  bool is_closed() {
    return serving_.until([this] { return read_some(); });
  }
  const std::string& received() const noexcept { return received_; }

 private:
  Serving& serving_;
  Fd fd_;
  std::string received_;
};

inline std::string ask(const std::string& command) {
  return "{\"schema\":1,\"command\":\"" + command + "\"}\n";
}

}  // namespace sorrel::control::test
