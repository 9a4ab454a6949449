// sorrelctl output test: one marked event through an output of the configuration.
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/exception_text.h"
#include "commands.h"
#include "one_frame.h"
#include "output_arguments.h"
#include "output_sink.h"
#include "sink/json_string.h"

namespace sorrel::sorrelctl {
namespace {

namespace asio = boost::asio;
using config::OutputOptions;
using config::OutputType;

struct Outcome {
  bool is_good = false;
  std::string step;   // the last that was reached
  std::string error;  // empty when all went well
  std::string uid;
};

// Runs a sink until the frame is answered, something is wrong, or the time is over.
std::string run_sink(asio::io_context& io, OutputSink& sink, OneFrame& frame, unsigned timeout_s) {
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

Result<Outcome> test(const OutputOptions& output, unsigned timeout_s) {
  asio::io_context io;
  OneFrame frame(io.get_executor(), output.format);
  if (output.type == OutputType::syslog) frame.end_after_one();
  auto sink = OutputSink::create(output, io.get_executor(), frame);
  if (!sink) return Unexpected<Error>(std::move(sink).error());
  Outcome outcome;
  outcome.uid = frame.uid();
  outcome.error = run_sink(io, **sink, frame, timeout_s);
  outcome.step = (*sink)->step();
  outcome.is_good = frame.is_answered() && frame.refusal().empty();
  if (!frame.refusal().empty()) outcome.error = "refused: " + frame.refusal();
  return outcome;
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

}  // namespace

int test_one(const OutputArguments& arguments, const OutputOptions& output) {
  const auto outcome = test(output, arguments.timeout_s);
  if (!outcome) return fail_output(outcome.error(), kExitFailed);
  return show(arguments, output, *outcome);
}

}  // namespace sorrel::sorrelctl
