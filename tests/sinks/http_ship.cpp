// Ships events that it makes up to a collector on 127.0.0.1 over HTTP, by the sink of the agent,
// and says what became of them, for tests/sinks/http_sinks.py.
//   http_ship KIND PORT COUNT [OPTION=VALUE...]
// KIND: elasticsearch, splunk_hec, loki, ndjson, otlp. Options: path, compression (gzip, zstd),
// acks (yes), token_file, user, password_file, ca, cert, key (TLS), poison (the number of an event
// that is no JSON object), time (seconds since the epoch of the first event), name (a word in each
// uid, so that runs differ). Prints one line of JSON; exit status 0 when every event has its
// answer.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <random>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "made_up_feed.h"
#include "sink/connector.h"
#include "sink/http_sink.h"

namespace {

using namespace sorrel;
using namespace sorrel::sink;

struct Arguments {
  HttpOptions options;
  NetworkOptions network;
  test::MadeUpEvents events;
};

bool set_option(Arguments& to, const std::string& name, const std::string& value) {
  HttpOptions& options = to.options;
  const std::map<std::string, std::string*> texts = {{"path", &options.path},
                                                     {"token_file", &options.auth.token_file},
                                                     {"user", &options.auth.user},
                                                     {"password_file", &options.auth.password_file},
                                                     {"content_type", &options.content_type},
                                                     {"ca", &to.network.tls.ca},
                                                     {"cert", &to.network.tls.cert},
                                                     {"key", &to.network.tls.key}};
  if (const auto text = texts.find(name); text != texts.end()) {
    *text->second = value;
  } else if (name == "compression") {
    options.compression = value == "gzip" ? Compression::gzip : Compression::zstd;
  } else if (name == "acks") {
    options.splunk.has_acks = value == "yes";
  } else if (name == "poison") {
    to.events.poison = std::stoull(value);
  } else if (name == "time") {
    to.events.first_ns = std::stoull(value) * 1'000'000'000;
  } else if (name == "name") {
    to.events.name = std::stoull(value);
  } else {
    return false;
  }
  to.network.tls.is_on = !to.network.tls.ca.empty();
  return true;
}

bool read_arguments(int argc, char** argv, Arguments& to) {
  static const std::map<std::string, BulkKind> kKinds = {{"elasticsearch", BulkKind::elasticsearch},
                                                         {"splunk_hec", BulkKind::splunk_hec},
                                                         {"loki", BulkKind::loki},
                                                         {"ndjson", BulkKind::ndjson},
                                                         {"otlp", BulkKind::otlp}};
  if (argc < 4 || kKinds.count(argv[1]) == 0) return false;
  to.options.kind = kKinds.at(argv[1]);
  to.network.addresses = {std::string("localhost:") + argv[2]};
  to.network.tls.is_on = false;
  to.network.retry_min_ms = 50;
  to.network.retry_max_ms = 500;
  to.events.count = std::strtoull(argv[3], nullptr, 10);
  to.events.first_ns = SystemClock().realtime_ns();
  for (int i = 4; i < argc; ++i) {
    const std::string option = argv[i];
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos ||
        !set_option(to, option.substr(0, equals), option.substr(equals + 1))) {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.options.retry_min = std::chrono::milliseconds(50);
  arguments.options.retry_max = std::chrono::milliseconds(1'000);
  arguments.options.timeout = std::chrono::milliseconds(5'000);
  arguments.options.splunk.ack_poll = std::chrono::milliseconds(50);
  arguments.options.splunk.ack_timeout = std::chrono::milliseconds(10'000);
  if (!read_arguments(argc, argv, arguments)) {
    std::fprintf(stderr, "usage: http_ship KIND PORT COUNT [OPTION=VALUE...]\n");
    return 2;
  }
  boost::asio::io_context context{1};
  test::MadeUpFeed feed(arguments.events);
  const SystemClock clock;
  std::minstd_rand random(std::random_device{}());
  auto connector =
      NetConnector::create("test", arguments.network, context.get_executor(), clock,
                           [&random] { return std::uniform_real_distribution<>(0, 1)(random); });
  if (!connector) {
    std::fprintf(stderr, "http_ship: %s\n", connector.error().to_string().c_str());
    return 2;
  }
  auto sink =
      HttpSink::create("test", arguments.options, context.get_executor(), feed, **connector, clock);
  if (!sink) {
    std::fprintf(stderr, "http_ship: %s\n", sink.error().to_string().c_str());
    return 2;
  }
  const std::uint64_t began = clock.monotonic_ns();
  boost::asio::steady_timer ticks(context);
  std::function<void()> tick = [&] {
    ticks.expires_after(std::chrono::milliseconds(100));
    ticks.async_wait([&](boost::system::error_code error) {
      if (error) return;
      (*connector)->refresh();
      tick();
    });
  };
  tick();
  boost::asio::co_spawn(context, (*sink)->run(), [&ticks](const std::exception_ptr& escaped) {
    if (escaped) std::abort();
    ticks.cancel();
  });
  context.run();
  const HttpCounters& counters = (*sink)->counters();
  const double seconds = static_cast<double>(clock.monotonic_ns() - began) / 1e9;
  const double cpu = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  std::printf(
      "{\"answers\":%llu,\"repeated\":%llu,\"acknowledged\":%llu,\"rejected\":%llu,"
      "\"last_rejected\":%llu,\"duplicates\":%llu,\"retried\":%llu,\"busy\":%llu,\"failed\":%llu,"
      "\"denied\":%llu,\"unconfirmed\":%llu,\"requests\":%llu,\"connections\":%llu,"
      "\"body_bytes\":%llu,\"sent_bytes\":%llu,\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n",
      static_cast<unsigned long long>(feed.answers), static_cast<unsigned long long>(feed.repeated),
      static_cast<unsigned long long>(counters.acknowledged.value()),
      static_cast<unsigned long long>(counters.rejected.value()),
      static_cast<unsigned long long>(feed.last_rejected),
      static_cast<unsigned long long>(counters.duplicates.value()),
      static_cast<unsigned long long>(counters.retried.value()),
      static_cast<unsigned long long>(counters.busy.value()),
      static_cast<unsigned long long>(counters.failed.value()),
      static_cast<unsigned long long>(counters.denied.value()),
      static_cast<unsigned long long>(counters.unconfirmed.value()),
      static_cast<unsigned long long>(counters.requests.value()),
      static_cast<unsigned long long>(counters.connections.value()),
      static_cast<unsigned long long>(counters.body_bytes.value()),
      static_cast<unsigned long long>(counters.sent_bytes.value()), seconds, cpu);
  return feed.answers == arguments.events.count && feed.repeated == 0 ? 0 : 1;
}
