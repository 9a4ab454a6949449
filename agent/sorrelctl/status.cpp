#include <cstdio>
#include <string>

#include "commands.h"
#include "control/client.h"
#include "control/options.h"
#include "option_words.h"
#include "status_text.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId { kJson = 1000, kSocket, kHelp };

constexpr option kOptions[] = {{"json", no_argument, nullptr, kJson},
                               {"socket", required_argument, nullptr, kSocket},
                               {"help", no_argument, nullptr, kHelp},
                               {nullptr, 0, nullptr, 0}};

constexpr const char* kStatusHelp =
    "usage: sorrelctl status [OPTION...]\n"
    "\n"
    "Shows what the running sorreld has done since its start: events, what was lost and why.\n"
    "\n"
    "  --json         the counters as one JSON object\n"
    "  --socket PATH  sorreld's control socket; default: /run/sorrel/control.sock\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 shown; 1 sorreld cannot be asked; 2 wrong usage.\n";

struct StatusOptions {
  bool json = false;
  bool help = false;
  std::string socket = control::Options{}.socket;
};

Result<StatusOptions> parse(int argc, char** argv) {
  StatusOptions options;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (id == kJson) options.json = true;
        if (id == kSocket) options.socket = value;
        if (id == kHelp || id == 'h') options.help = true;
        return true;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (optind < argc) {
    return fail(std::errc::invalid_argument, "'" + std::string(argv[optind]) + "' is too much");
  }
  return options;
}

int fail_with(const Error& error, int status) {
  std::string text;
  append_visible(error.to_string(), standard_output().has_utf8, text);
  std::fprintf(stderr, "sorrelctl status: %s\n", text.c_str());
  return status;
}

Result<std::string> ask(const std::string& socket) {
  Result<control::Client> client = control::Client::connect(socket);
  if (!client) return Unexpected<Error>(std::move(client).error());
  std::string row;
  const auto answer =
      client->ask({.command = "status", .arguments = {}}, [&row](std::string_view one) {
        row = one;
        return true;
      });
  if (!answer) return Unexpected<Error>(answer.error());
  return row;
}

}  // namespace

int run_status(int argc, char** argv) {
  const Result<StatusOptions> options = parse(argc, argv);
  if (!options) {
    fail_with(options.error(), kExitUsage);
    std::fputs("'sorrelctl status --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (options->help) {
    std::fputs(kStatusHelp, stdout);
    return kExitOk;
  }
  const Result<std::string> row = ask(options->socket);
  if (!row) return fail_with(row.error(), kExitFailed);
  std::string out;
  if (options->json) {
    append_visible_json(*row, out);
    out += '\n';
  } else {
    const Result<std::string> text = status_text(*row);
    if (!text) return fail_with(text.error(), kExitFailed);
    out = *text;
  }
  std::fputs(out.c_str(), stdout);
  return std::fflush(stdout) == 0 ? kExitOk : kExitFailed;
}

}  // namespace sorrel::sorrelctl
