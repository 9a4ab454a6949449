#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/check.h"
#include "base/log.h"
#include "catch.h"
#include "fake_peer.h"
#include "list_feed.h"
#include "sink/stream_sink.h"

namespace sorrel::sink {

// A sink with one connection between a list of events and a server in memory.
struct StreamSinkFixture {
  StreamSinkFixture() { set_log_level(static_cast<Level>(9)); }
  ~StreamSinkFixture() {
    if (!sink) return;
    sink->stop();
    feed.stop();
    run_until([&] { return has_ended; });
  }

  template <class Sink, class Options>
  void start(const Options& options) {
    sink = std::make_unique<Sink>("central", options, context.get_executor(), feed, peer);
    boost::asio::co_spawn(context, sink->run(), [this](const std::exception_ptr& escaped) {
      SORREL_CHECK(!escaped, "an exception left the sink");
      has_ended = true;
    });
  }
  // Until it is so; false: it never was.
  template <class Condition>
  bool run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(20));
    }
    return condition();
  }
  void run_for(std::chrono::milliseconds time) {
    context.restart();
    context.run_for(time);
  }
  // How often `text` was sent over the connection number `index`.
  std::size_t times(std::size_t index, std::string_view text) const {
    std::size_t count = 0;
    if (index >= peer.received.size()) return 0;
    const std::string& all = peer.received[index];
    for (std::size_t at = 0; (at = all.find(text, at)) != std::string::npos; ++at) ++count;
    return count;
  }
  bool has_sent(std::size_t index, std::string_view text) const { return times(index, text) != 0; }

  boost::asio::io_context context{1};
  ListFeed feed{context.get_executor()};
  FakePeer peer{context.get_executor()};
  std::unique_ptr<StreamSink> sink;
  bool has_ended = false;
};

}  // namespace sorrel::sink
