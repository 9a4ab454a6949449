// sorrelctl output test: one marked event through an output of the configuration.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
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
#include "option_words.h"
#include "sink/bell.h"
#include "sink/connector.h"
#include "sink/http_sink.h"
#include "sink/json_string.h"
#include "sink/kafka_sink.h"
#include "sink/relp_sink.h"
#include "sink/syslog_sink.h"

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

// One frame, once more after a connection was lost; then the end, when it is answered.
class OneFrame final : public sink::Feed {
 public:
  OneFrame(const asio::any_io_executor& executor, buffer::Format format)
      : bell_(executor), format_(format) {
    std::random_device random;
    uid_[0] = (std::uint64_t{random()} << 32) | random();
    uid_[1] = (std::uint64_t{random()} << 32) | random();
    std::string uid;
    sink::append_uid(uid, uid_);
    const std::time_t now = std::time(nullptr);
    char stamp[32];
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
    time_ns_ = static_cast<std::uint64_t>(now) * 1'000'000'000;
    const std::string id = std::to_string(now) + ".000:1";
    if (format == buffer::Format::json) {
      text_ =
          "{\"ID\":\"" + id + "\",\"TIME\":\"" + stamp + "\",\"EVENT_UID\":\"" + uid +
          "\",\"SCHEMA\":1,\"SORREL_TEST\":{\"text\":\"a test of this output by sorrelctl\"}}\n";
    } else {
      text_ = "type=SORREL_TEST msg=audit(" + id +
              "): text=\"a test of this output by sorrelctl\" uid=" + uid + "\n";
    }
  }

  asio::awaitable<bool> take(std::size_t, buffer::FrameBatch& batch) override {
    batch.clear();
    is_interrupted_ = false;
    if (is_taken_) {
      // Syslog knows only from its good-bye that everything was read. A collector that does not
      // want us says so after the handshake (TLS 1.3): it has a moment for that.
      if (ends_after_one_) {
        co_await bell_.wait(std::chrono::steady_clock::now() + std::chrono::seconds(1));
        co_return false;
      }
      while (!is_answered_ && is_taken_ && !is_interrupted_) co_await bell_.wait();
      if (is_answered_ || is_interrupted_) co_return false;
    }
    is_taken_ = true;
    std::memcpy(batch.reserve(text_.size()), text_.data(), text_.size());
    buffer::FrameHeader header;
    header.sequence = 1;
    header.event_uid[0] = uid_[0];
    header.event_uid[1] = uid_[1];
    header.time_ns = time_ns_;
    header.size_bytes = static_cast<std::uint32_t>(text_.size());
    header.format = format_;
    batch.append_frame(header);
    co_return true;
  }
  void interrupt() override {
    is_interrupted_ = true;
    bell_.ring();
  }
  void acknowledge(buffer::Lane, std::uint64_t, std::uint64_t) override { answer(""); }
  void reject(const buffer::FrameHeader&, std::string_view, std::string_view reason) override {
    answer(std::string(reason));
  }
  void rewind() override {
    if (!is_answered_) is_taken_ = false;
    bell_.ring();
  }

  void end_after_one() { ends_after_one_ = true; }
  bool is_answered() const { return is_answered_; }
  bool is_taken() const { return is_taken_; }
  const std::string& refusal() const { return refusal_; }
  std::string uid() const {
    std::string text;
    sink::append_uid(text, uid_);
    return text;
  }

 private:
  void answer(std::string refusal) {
    is_answered_ = true;
    refusal_ = std::move(refusal);
    bell_.ring();
  }

  sink::Bell bell_;
  const buffer::Format format_;
  std::uint64_t uid_[2]{};
  std::uint64_t time_ns_ = 0;
  std::string text_;
  bool is_taken_ = false;
  bool is_answered_ = false;
  bool is_interrupted_ = false;
  bool ends_after_one_ = false;
  std::string refusal_;
};

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
                output.type == OutputType::syslog
                    ? "sent, and the connection ended in order (syslog has no answers)"
                    : "the collector has taken it",
                outcome.uid.c_str());
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
  const auto outcome = output->type == OutputType::kafka
                           ? test_kafka(*output, arguments->timeout_s)
                           : test_connected(*output, arguments->timeout_s);
  if (!outcome) return fail_with(outcome.error(), kExitFailed);
  return show(*arguments, *output, *outcome);
}

}  // namespace sorrel::sorrelctl
