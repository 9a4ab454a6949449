// sorrelctl output: its command line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.h"
#include "commands.h"
#include "config/load.h"
#include "option_words.h"
#include "output_arguments.h"

namespace sorrel::sorrelctl {
namespace {

using config::OutputOptions;

enum OptionId { kJson = 1000, kConfig, kFile, kTimeout, kHelp };

constexpr option kOptions[] = {
    {"json", no_argument, nullptr, kJson},       {"config", required_argument, nullptr, kConfig},
    {"file", required_argument, nullptr, kFile}, {"timeout", required_argument, nullptr, kTimeout},
    {"help", no_argument, nullptr, kHelp},       {nullptr, 0, nullptr, 0}};

constexpr const char* kOutputHelp =
    "usage: sorrelctl output test|resend NAME [OPTION...]\n"
    "\n"
    "  test     sends one event, SORREL_TEST, to the collector of an output, and follows it to "
    "the\n"
    "           answer. It says which step failed: DNS, TCP, proxy, TLS, or the collector's own\n"
    "           answer\n"
    "  resend   sends the events again that the collector has refused, from the file where "
    "sorreld\n"
    "           keeps them; what it refuses again goes back there\n"
    "\n"
    "sorreld and its buffer are not touched; it may run, or not.\n"
    "\n"
    "  --config FILE   the configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --file FILE     resend: the refused events; default: refused/NAME.json in the buffer\n"
    "  --timeout S     give up after so many seconds without an answer, 1 to 600; default: 15\n"
    "  --json          the result as one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 the collector has taken it, or all (syslog: was sent it); 1 it has not; 2 "
    "wrong\n"
    "usage.\n";

Result<OutputArguments> parse(int argc, char** argv) {
  OutputArguments arguments;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (id == kJson) arguments.json = true;
        if (id == kConfig) arguments.config = value;
        if (id == kFile) arguments.file = value;
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
  if (optind + 2 == argc) {
    arguments.command = argv[optind];
    arguments.name = argv[optind + 1];
  }
  if (arguments.command != "test" && arguments.command != "resend") {
    return fail(std::errc::invalid_argument,
                "wanted: sorrelctl output test NAME, or sorrelctl output resend NAME");
  }
  if (!arguments.file.empty() && arguments.command != "resend") {
    return fail(std::errc::invalid_argument, "--file is for resend");
  }
  return arguments;
}

}  // namespace

int fail_output(const Error& error, int status) {
  std::fprintf(stderr, "sorrelctl output: %s\n", error.to_string().c_str());
  return status;
}

int test_output(int argc, char** argv) {
  const Result<OutputArguments> arguments = parse(argc, argv);
  if (!arguments) {
    fail_output(arguments.error(), kExitUsage);
    std::fputs("'sorrelctl output --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (arguments->help) {
    std::fputs(kOutputHelp, stdout);
    return kExitOk;
  }
  const auto options = config::load_file(arguments->config);
  if (!options) return fail_output(options.error(), kExitFailed);
  const auto output =
      std::find_if(options->outputs.begin(), options->outputs.end(),
                   [&](const OutputOptions& each) { return each.name == arguments->name; });
  if (output == options->outputs.end()) {
    return fail_output({std::make_error_code(std::errc::invalid_argument),
                        arguments->config + " has no output named " + arguments->name},
                       kExitUsage);
  }
  if (!output->is_shipped()) {
    return fail_output({std::make_error_code(std::errc::invalid_argument),
                        "output " + output->name + " is a file: there is nobody to ask"},
                       kExitUsage);
  }
  set_log_level(Level::error);
  return arguments->command == "test" ? test_one(*arguments, *output)
                                      : resend(*arguments, *options, *output);
}

}  // namespace sorrel::sorrelctl
