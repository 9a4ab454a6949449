#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/counter.h"
#include "control/access.h"
#include "control/answer.h"
#include "control/listener.h"
#include "control/request.h"

namespace sorrel::control {

struct Limits {
  std::size_t connections = 16;
  std::size_t request_bytes = 64u << 10;  // of a line
  std::size_t queue_bytes = 128u << 10;   // of an answer that the peer has not read; twice that
  std::uint32_t idle_ms = 30'000;         // for the next request to be complete
  std::uint32_t stall_ms = 10'000;        // for the peer to read anything of an answer
  std::uint32_t answer_ms = 30'000;       // for the handler to give anything of it
};

struct Counters {
  Counter connections;  // all that were let in
  Counter requests;
  Counter rows;
  Counter refused;       // peers that may not ask
  Counter over_limit;    // connections beyond Limits::connections
  Counter bad;           // requests that are none, or ask for what there is not
  Counter too_large;     // requests beyond Limits::request_bytes
  Counter half_lines;    // peers that went within a request
  Counter idle;          // connections closed: no request came in time
  Counter stalled;       // peers dropped: they did not read
  Counter unanswered;    // requests that the handler did not answer in time
  Counter cut_off;       // peers that went before their answer ended
  Counter out_of_files;  // times that a connection had to wait for a free descriptor
};

// Serves requests on a unix socket: one JSON object a line in, JSON lines out (docs/control.md).
// All happens on the executor's thread. What a peer can make it hold, or wait for, is limited.
class Server {
 public:
  // Gives the answer to one request through the responder, at once or over time. On the executor's
  // thread.
  using Handler = std::function<void(const Request&, std::shared_ptr<Responder>)>;

  Server(const boost::asio::any_io_executor& executor, Listener listener, Access access,
         const Limits& limits = {});
  // Closes all connections. Handlers are told nothing more; responders that they keep are harmless.
  // The executor's thread, before its context goes.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Before start(); a command has one handler.
  void handle(std::string command, Handler handler);
  // Begins to accept connections.
  void start();

  const Counters& counters() const noexcept;
  const std::string& path() const noexcept;

  class Core;

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace sorrel::control
