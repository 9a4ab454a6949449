// sorrelctl output test: one marked event through an output of the configuration.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/exception_text.h"
#include "base/log.h"
#include "commands.h"
#include "config/load.h"
#include "one_frame.h"
#include "option_words.h"
#include "sink/connector.h"
#include "sink/http_sink.h"
#include "sink/json_string.h"
#include "sink/kafka_sink.h"
#include "sink/relp_sink.h"
#include "sink/syslog_sink.h"
#include "sink/udp_sink.h"

namespace sorrel::sorrelctl {
namespace {

namespace asio = boost::asio;
using config::OutputOptions;
using config::OutputType;

enum OptionId { kJson = 1000, kConfig, kTimeout, kHelp };

constexpr option kOptions[] = {{"json", no_argument, nullptr, kJson},
                               {"config", required_argument, nullptr, kConfig},
                               {"timeout", required_argument, nullptr, kTimeout},
                               {"help", no_argument, nullptr, kHelp},
                               {nullptr, 0, nullptr, 0}};

constexpr const char* kOutputHelp =
    "usage: sorrelctl output test NAME [OPTION...]\n"
    "\n"
    "Sends one event, SORREL_TEST, to the collector of an output, and follows it to the answer. "
    "It\n"
    "says which step failed: DNS, TCP, proxy, TLS, or the collector's own answer. sorreld and its\n"
    "buffer are not touched.\n"
    "\n"
    "  --config FILE   the configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --timeout S     give up after so many seconds, 1 to 600; default: 15\n"
    "  --json          the result as one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 the collector has taken it (syslog: was sent it); 1 it has not; 2 wrong "
    "usage.\n";

struct OutputArguments {
  bool json = false;
  bool help = false;
  std::string config = "/etc/sorrel/sorrel.yaml";
  std::string name;
  unsigned timeout_s = 15;
};

Result<OutputArguments> parse(int argc, char** argv) {
  OutputArguments arguments;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (id == kJson) arguments.json = true;
        if (id == kConfig) arguments.config = value;
        if (id == kHelp || id == 'h') arguments.help = true;
        if (id == kTimeout) {
          const long seconds = std::strtol(value, nullptr, 10);
          if (seconds < 1 || seconds > 600) {
            return fail(std::errc::invalid_argument,
                        "--timeout: '" + std::string(value) + "' is not 1 to 600 seconds");
          }
          arguments.timeout_s = static_cast<unsigned>(seconds);
        }
        return true;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (arguments.help) return arguments;
  if (optind + 2 != argc || std::string_view(argv[optind]) != "test") {
    return fail(std::errc::invalid_argument, "wanted: sorrelctl output test NAME");
  }
  arguments.name = argv[optind + 1];
  return arguments;
}

struct Outcome {
  bool is_good = false;
  std::string step;   // the last that was reached
  std::string error;  // empty when all went well
  std::string uid;
};

// Runs a sink until the frame is answered, something is wrong, or the time is over.
template <class Sink>
std::string run_sink(asio::io_context& io, Sink& sink, OneFrame& frame, unsigned timeout_s) {
  bool has_ended = false;
  std::string failure;
  asio::co_spawn(io, sink.run(), [&](std::exception_ptr escaped) {
    has_ended = true;
    if (escaped) failure = "an unexpected failure: " + text_of(escaped);
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(timeout_s);
  while (!has_ended && !frame.is_answered() && std::chrono::steady_clock::now() < end) {
    io.run_one_for(std::chrono::milliseconds(20));
    // The first trouble is the answer: there is no use in waiting for another attempt.
    if (!sink.trouble().empty() && !frame.is_answered()) break;
  }
  std::string trouble = frame.is_answered() ? "" : sink.trouble();
  if (trouble.empty()) trouble = failure;
  if (trouble.empty() && !frame.is_answered()) trouble = "no answer in time";
  if (!has_ended) sink.stop();
  const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!has_ended && std::chrono::steady_clock::now() < last) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
  return trouble;
}

Result<Outcome> test_kafka(const OutputOptions& output, unsigned timeout_s) {
  asio::io_context io;
  OneFrame frame(io.get_executor(), output.format);
  auto sink = sink::make_kafka_sink(output.name, output.kafka, io.get_executor(), frame);
  if (!sink) return Unexpected<Error>(std::move(sink).error());
  Outcome outcome{.is_good = false, .step = "Kafka", .error = {}, .uid = frame.uid()};
  outcome.error = run_sink(io, **sink, frame, timeout_s);
  outcome.is_good = frame.is_answered() && frame.refusal().empty();
  return outcome;
}

Result<Outcome> test_udp(const OutputOptions& output, unsigned timeout_s) {
  asio::io_context io;
  OneFrame frame(io.get_executor(), output.format);
  auto sink = sink::UdpSink::create(output.name, output.udp, io.get_executor(), frame);
  if (!sink) return Unexpected<Error>(std::move(sink).error());
  Outcome outcome{.is_good = false, .step = "UDP", .error = {}, .uid = frame.uid()};
  outcome.error = run_sink(io, **sink, frame, timeout_s);
  outcome.is_good = frame.is_answered() && frame.refusal().empty();
  return outcome;
}

Result<Outcome> test_connected(const OutputOptions& output, unsigned timeout_s) {
  asio::io_context io;
  const SystemClock clock;
  std::mt19937_64 engine(std::random_device{}());
  auto connector = sink::NetConnector::create(
      output.name, output.network, io.get_executor(), clock,
      [&engine] { return std::uniform_real_distribution<double>(0, 1)(engine); });
  if (!connector) return Unexpected<Error>(std::move(connector).error());
  OneFrame frame(io.get_executor(), output.format);
  Outcome outcome;
  outcome.uid = frame.uid();
  if (output.type == OutputType::http) {
    auto sink = sink::HttpSink::create(output.name, output.http, io.get_executor(), frame,
                                       **connector, clock);
    if (!sink) return Unexpected<Error>(std::move(sink).error());
    outcome.error = run_sink(io, **sink, frame, timeout_s);
  } else if (output.type == OutputType::relp) {
    sink::RelpSink sink(output.name, output.relp, io.get_executor(), frame, **connector);
    outcome.error = run_sink(io, sink, frame, timeout_s);
  } else {
    frame.end_after_one();
    sink::SyslogSink sink(output.name, output.syslog, io.get_executor(), frame, **connector);
    outcome.error = run_sink(io, sink, frame, timeout_s);
  }
  const sink::ConnectStep failed = (*connector)->failed_step();
  outcome.step = failed == sink::ConnectStep::done ? "answer" : sink::connect_step_name(failed);
  outcome.is_good = frame.is_answered() && frame.refusal().empty();
  if (!frame.refusal().empty()) outcome.error = "refused: " + frame.refusal();
  return outcome;
}

Result<Outcome> test(const OutputOptions& output, unsigned timeout_s) {
  if (output.type == OutputType::kafka) return test_kafka(output, timeout_s);
  if (output.type == OutputType::syslog_udp) return test_udp(output, timeout_s);
  return test_connected(output, timeout_s);
}

const char* meaning_of_good(OutputType type) {
  if (type == OutputType::syslog) {
    return "sent, and the connection ended in order (syslog has no answers)";
  }
  if (type == OutputType::syslog_udp) return "sent (UDP has no answers)";
  return "the collector has taken it";
}

int show(const OutputArguments& arguments, const OutputOptions& output, const Outcome& outcome) {
  if (arguments.json) {
    std::string out = "{\"schema\":1,\"output\":";
    sink::append_json_string(out, output.name);
    out += std::string(",\"good\":") + (outcome.is_good ? "true" : "false") + ",\"step\":";
    sink::append_json_string(out, outcome.step);
    out += ",\"event_uid\":";
    sink::append_json_string(out, outcome.uid);
    out += ",\"error\":";
    sink::append_json_string(out, outcome.error);
    std::printf("%s}\n", out.c_str());
  } else if (outcome.is_good) {
    std::printf("output %s: %s; look for EVENT_UID %s\n", output.name.c_str(),
                meaning_of_good(output.type), outcome.uid.c_str());
  } else {
    std::printf("output %s: failed at %s: %s\n", output.name.c_str(), outcome.step.c_str(),
                outcome.error.c_str());
  }
  return outcome.is_good ? kExitOk : kExitFailed;
}

int fail_with(const Error& error, int status) {
  std::fprintf(stderr, "sorrelctl output: %s\n", error.to_string().c_str());
  return status;
}

}  // namespace

int test_output(int argc, char** argv) {
  const Result<OutputArguments> arguments = parse(argc, argv);
  if (!arguments) {
    fail_with(arguments.error(), kExitUsage);
    std::fputs("'sorrelctl output --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (arguments->help) {
    std::fputs(kOutputHelp, stdout);
    return kExitOk;
  }
  const auto options = config::load_file(arguments->config);
  if (!options) return fail_with(options.error(), kExitFailed);
  const auto output =
      std::find_if(options->outputs.begin(), options->outputs.end(),
                   [&](const OutputOptions& each) { return each.name == arguments->name; });
  if (output == options->outputs.end()) {
    return fail_with({std::make_error_code(std::errc::invalid_argument),
                      arguments->config + " has no output named " + arguments->name},
                     kExitUsage);
  }
  if (!output->is_shipped()) {
    return fail_with({std::make_error_code(std::errc::invalid_argument),
                      "output " + output->name + " is a file: there is nobody to ask"},
                     kExitUsage);
  }
  set_log_level(Level::error);
  const auto outcome = test(*output, arguments->timeout_s);
  if (!outcome) return fail_with(outcome.error(), kExitFailed);
  return show(*arguments, *output, *outcome);
}

}  // namespace sorrel::sorrelctl
