#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/counter.h"
#include "base/result.h"
#include "sink/bell.h"
#include "sink/feed.h"
#include "sink/slow_start.h"
#include "sink/stream.h"

namespace sorrel::sink {

struct StreamSinkCounters {
  Counter acknowledged;  // frames
  Counter rejected;      // frames, to the dead letters
  Counter sent_bytes;
  Counter connections;
  Counter broken;  // connections that ended without a good-bye
};

// A sink that has one connection at a time and speaks a line of messages over it: connects, serves,
// and connects again for ever. What was taken and not answered when a connection ends is taken
// again. All on the executor's thread.
class StreamSink {
 public:
  // `name`: the output's, for the log. Feed and connector outlive the sink.
  StreamSink(std::string name, const boost::asio::any_io_executor& executor, Feed& feed,
             Connector& connector);
  virtual ~StreamSink();
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;

  // Takes and ships until the feed gives no more, or stop(). Once only; the sink goes after it has
  // returned.
  boost::asio::awaitable<void> run();
  // Gives up what is under way; it is not answered for. The feed is stopped by whoever owns it.
  void stop();

  const StreamSinkCounters& counters() const noexcept { return counters_; }
  // Why nothing gets through, for people; empty when all is well.
  const std::string& trouble() const noexcept { return trouble_; }
  // Whom it is connected to; empty: nobody.
  const std::string& peer() const noexcept { return peer_; }

 protected:
  enum class Ended : std::uint8_t {
    by_us,    // in order: all that was sent has arrived, as far as the protocol can tell
    by_peer,  // in order, too, but what was not answered comes again
    broken,
    feed,  // in order, and there will be nothing more
  };
  // One connection, from its beginning to its end.
  virtual boost::asio::awaitable<Ended> serve(Stream& stream) = 0;
  // How much may be sent now, at least 1; waits for it. 0: the connection has ended meanwhile.
  boost::asio::awaitable<std::size_t> allowance();
  // A coroutine that reads, beside the one that writes; is_reading() until it has ended. Its end
  // interrupts what the other takes from the feed: a peer that has gone is noticed at once, also
  // while there is nothing to send.
  void begin_reading(boost::asio::awaitable<void> coroutine);
  bool is_reading() const noexcept { return is_reading_; }
  // Ends the reader, but not the stream: close() reads by itself.
  boost::asio::awaitable<void> end_reading(Stream& stream);

  void note_trouble(std::string why);
  // Something was delivered over this connection: its endpoint is a good one from now on, whatever
  // becomes of the connection later.
  void note_delivery();

  const std::string name_;
  const boost::asio::any_io_executor executor_;
  Feed& feed_;
  Connector& connector_;
  Bell bell_;
  StreamSinkCounters counters_;
  SlowStart slow_start_;
  bool is_stopped_ = false;

 private:
  boost::asio::awaitable<void> read(boost::asio::awaitable<void> coroutine);
  void note_end_of_reading();

  std::string trouble_;
  std::string peer_;
  Stream* stream_ = nullptr;
  bool is_reading_ = false;
  bool has_delivered_ = false;  // over this connection
};

}  // namespace sorrel::sink
