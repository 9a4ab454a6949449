// One run of a sink, or of the least that can send the same: what tests/sinks/sending_rate.py runs
// by turns.
//   sink_bench syslog|relp|kafka ours|bare HOST:PORT COUNT [NAME=VALUE...]
// NAME: ca, cert, key (files in PEM), run (a number), topic, compression. Makes COUNT events in
// memory first; prints the seconds from the beginning of the connection until the receiver has
// taken everything, this process's CPU in them (user and system, all threads), and the events'
// bytes.
#include "sink_bench.h"

#include <exception>
#include <memory>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "common.h"
#include "sink/connector.h"
#include "sink/relp_sink.h"
#include "sink/syslog_sink.h"

namespace sorrel::bench {
namespace {

template <class Sink, class Options>
void send_ours(const SinkArguments& arguments, const SinkEvents& events) {
  boost::asio::io_context context{1};
  const SystemClock clock;
  sink::NetworkOptions network;
  network.addresses = {arguments.address};
  network.tls.ca = arguments.option("ca");
  network.tls.cert = arguments.option("cert");
  network.tls.key = arguments.option("key");
  Options options;
  options.format.host = "web1.example.org";
  MemoryFeed feed(events);
  const SinkClock watch;
  const auto connector = or_exit(sink::NetConnector::create(
      "bench", network, context.get_executor(), clock, [] { return 0.5; }));
  Sink sink("bench", options, context.get_executor(), feed, *connector);
  boost::asio::co_spawn(context, sink.run(), [&context](const std::exception_ptr& escaped) {
    if (escaped) std::rethrow_exception(escaped);
    context.stop();
  });
  context.run();
  watch.print(events);
  if (!feed.is_done()) {
    give_up("only " + std::to_string(feed.acknowledged()) + " were acknowledged; " +
            sink.trouble());
  }
}

bool read_arguments(int argc, char** argv, SinkArguments& to) {
  if (argc < 5) return false;
  to.protocol = argv[1];
  to.is_bare = std::string_view(argv[2]) == "bare";
  to.address = argv[3];
  to.count = std::strtoull(argv[4], nullptr, 10);
  for (int i = 5; i < argc; ++i) {
    const std::string option = argv[i];
    const std::size_t equals = option.find('=');
    if (equals == std::string::npos) return false;
    to.options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return to.count > 0;
}

bool send(const SinkArguments& arguments) {
  const SinkEvents events(arguments.count,
                          std::strtoull(arguments.option("run", "1").c_str(), nullptr, 10));
  const std::string& protocol = arguments.protocol;
  if (protocol == "syslog") {
    arguments.is_bare ? send_bare_syslog(arguments, events)
                      : send_ours<sink::SyslogSink, sink::SyslogOptions>(arguments, events);
  } else if (protocol == "relp") {
    arguments.is_bare ? send_bare_relp(arguments, events)
                      : send_ours<sink::RelpSink, sink::RelpOptions>(arguments, events);
  } else if (protocol == "kafka") {
    arguments.is_bare ? send_bare_kafka(arguments, events) : send_kafka(arguments, events);
  } else {
    return false;
  }
  return true;
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel;
  set_log_level(Level::error);
  bench::SinkArguments arguments;
  if (!bench::read_arguments(argc, argv, arguments) || !bench::send(arguments)) {
    std::fprintf(stderr,
                 "usage: sink_bench syslog|relp|kafka ours|bare HOST:PORT COUNT [NAME=VALUE...]\n");
    return 2;
  }
  return 0;
}
