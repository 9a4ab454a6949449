#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "batch_feed.h"
#include "catch.h"
#include "fake_collector.h"
#include "sink/http_sink.h"
#include "temp_folder.h"

namespace sorrel::sink {

// An http output between a list of events and a collector in memory.
struct HttpSinkFixture {
  HttpSinkFixture() {
    set_log_level(static_cast<Level>(9));
    options.kind = BulkKind::ndjson;
    options.linger = std::chrono::milliseconds(0);
    options.retry_min = std::chrono::milliseconds(1);
    options.retry_max = std::chrono::milliseconds(4);
  }

  // Ships all of the feed. False: it did not come to an end.
  bool run() {
    start();
    context.run_for(std::chrono::seconds(20));
    return is_done;
  }
  void start() {
    auto made =
        HttpSink::create("central", options, context.get_executor(), feed, collector, clock);
    SORREL_CHECK(made.has_value(), "options that are fine");
    sink = *std::move(made);
    boost::asio::co_spawn(context, sink->run(), [this](const std::exception_ptr& escaped) {
      SORREL_CHECK(!escaped, "an exception left the sink");
      is_done = true;
    });
  }
  // All answers are "delivered", of as many frames as were given.
  bool all_acknowledged() const {
    std::size_t count = 0;
    for (const auto& [sequence, answer] : feed.answers) count += answer == "+" ? 1 : 0;
    return count == feed.texts.size() && feed.answers.size() == count;
  }
  std::string all_bodies() const {
    std::string all;
    for (const FakeRequest& request : collector.requests) all += request.body;
    return all;
  }

  boost::asio::io_context context{1};
  BatchFeed feed;
  HttpOptions options;
  SystemClock clock;
  FakeCollector collector{context.get_executor(), [](const FakeRequest&) { return reply(200); }};
  std::unique_ptr<HttpSink> sink;
  bool is_done = false;
};

}  // namespace sorrel::sink
