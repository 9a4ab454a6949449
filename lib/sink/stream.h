#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace sorrel::sink {

using Timeout = std::chrono::milliseconds;

// A connection to a collector, with TLS or without. After any error, a timeout included, it is of
// no more use but to be destroyed, which closes it; after a write that failed, what the peer said
// before may still be read. One read and one write may be under way at the same time, each of one
// coroutine.
class Stream {
 public:
  virtual ~Stream() = default;

  // Reads what is there, at least one byte. 0: the peer has closed its side in order.
  virtual boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into,
                                                                Timeout timeout) = 0;
  // Writes all of `bytes`; they must stay until it returns. The timeout is for no progress at all,
  // not for the whole.
  virtual boost::asio::awaitable<Status> write(std::string_view bytes, Timeout timeout) = 0;
  // Ends a read that waits, and all later ones, with operation_canceled; all else goes on.
  virtual void end_reads() = 0;
  // Bytes written that the peer's host has not acknowledged yet (TLS's own are among them): 0 where
  // that is not known.
  virtual std::size_t unacknowledged_bytes() const { return 0; }
  // Says good-bye as the protocol has it (TLS close_notify) and waits for the peer's. It reads by
  // itself: no other read may be under way. Good: the peer has read everything before it closed.
  // Errors: it may not have; a reset, or no end in time.
  virtual boost::asio::awaitable<Status> close(Timeout timeout) = 0;
  // Ends what waits, with an error. From any coroutine of the reactor.
  virtual void abort() = 0;

  // It has lived long enough, or was made with TLS files that are no longer in use: finish what is
  // under way, close it, and make another.
  virtual bool is_due() const { return false; }
  // Whom it talks to, for messages: "logs-a.example:6514 (192.0.2.7)".
  virtual const std::string& peer() const = 0;
};

// Makes connections to one output's collectors: picks the endpoint, resolves it, goes through the
// proxy, does the handshake. It waits while all endpoints are held back.
class Connector {
 public:
  virtual ~Connector() = default;

  // Errors: no endpoint could be reached, or the handshake failed; tried again by the caller, at
  // once: the waiting between attempts is inside.
  virtual boost::asio::awaitable<Result<std::unique_ptr<Stream>>> connect() = 0;
  // What became of the stream given last: an endpoint that accepts connections and then fails is
  // held back too.
  virtual void report(const Stream& stream, bool is_good) = 0;
  // Ends a connect() that waits, with an error: the output stops.
  virtual void abort() = 0;
};

}  // namespace sorrel::sink
