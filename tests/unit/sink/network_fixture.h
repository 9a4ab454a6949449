#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "catch.h"
#include "loopback_server.h"
#include "sink/connector.h"
#include "sink_fixture.h"

namespace sorrel::sink {

// A connector, and servers of ours on the loopback interface; files of certificates in a folder.
struct NetworkFixture {
  NetworkFixture() {
    set_log_level(static_cast<Level>(9));
    options.tls.is_on = false;
    options.retry_min_ms = 1;
    options.retry_max_ms = 1;
    options.connect_timeout_ms = 5'000;
  }

  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder / name;
    write_file(path, text);
    return path;
  }
  // TLS with the authority `ca`, without a certificate of our own.
  void trust(const TestAuthority& authority) {
    options.tls.is_on = true;
    options.tls.ca = write("ca.pem", authority.certificate());
  }
  void make_connector() {
    auto made = NetConnector::create("central", options, context.get_executor(), clock,
                                     [this] { return chance; });
    SORREL_CHECK(made.has_value(), made.error().message.c_str());
    connector = *std::move(made);
  }
  Result<std::unique_ptr<Stream>> connect() {
    if (!connector) make_connector();
    return run(connector->connect());
  }
  // Why no connection comes about.
  std::string failure() {
    const auto made = connect();
    return made ? "none" : made.error().message;
  }

  // What a coroutine gives.
  template <class T>
  T run(asio::awaitable<T> coroutine) {
    std::optional<T> result;
    begin(std::move(coroutine), result);
    SORREL_CHECK(run_until([&] { return result.has_value(); }), "it never ends");
    return *std::move(result);
  }
  template <class T>
  void begin(asio::awaitable<T> coroutine, std::optional<T>& result) {
    asio::co_spawn(context, keep(std::move(coroutine), result),
                   [](const std::exception_ptr& escaped) {
                     SORREL_CHECK(!escaped, "an exception left a coroutine");
                   });
  }
  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> coroutine, std::optional<T>& result) {
    result.emplace(co_await std::move(coroutine));
  }
  template <class Condition>
  bool run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(20));
    }
    return condition();
  }

  TempFolder folder;
  asio::io_context context{1};
  SystemClock clock;
  NetworkOptions options;
  double chance = 0.0;  // which of the endpoints is chosen
  std::unique_ptr<NetConnector> connector;
};

}  // namespace sorrel::sink
