#include "ps_options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "option_words.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId { kTree = 1000, kJson, kAll, kExited, kSocket, kHelp };

constexpr option kOptions[] = {
    {"tree", no_argument, nullptr, kTree},
    {"json", no_argument, nullptr, kJson},
    {"all", no_argument, nullptr, kAll},
    {"exited", no_argument, nullptr, kExited},
    {"socket", required_argument, nullptr, kSocket},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

Unexpected<Error> usage(std::string message) {
  return fail(std::errc::invalid_argument, std::move(message));
}

void apply(PsOptions& options, int id, const char* value) {
  if (id == kTree) options.tree = true;
  if (id == kJson) options.json = true;
  if (id == kAll) options.all = true;
  if (id == kExited) options.exited = true;
  if (id == kSocket) options.socket = value;
  if (id == kHelp || id == 'h') options.help = true;
}

bool read_pid(std::string_view word, std::uint32_t& pid) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), pid);
  return error == std::errc() && end == word.data() + word.size() && pid > 0 &&
         pid <= static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());
}

}  // namespace

const char* const kPsHelp =
    "usage: sorrelctl ps [OPTION...] [PID...]\n"
    "\n"
    "Shows the processes that sorreld knows, with what audit knows of them: the event that began\n"
    "them, the login they belong to, and parents that have exited. With PID, these only.\n"
    "\n"
    "  --tree         below their parents, exited ones included; with PID, what is above and "
    "below\n"
    "  --exited       those that have exited and are still known\n"
    "  --all          running and exited ones\n"
    "  --json         one JSON object a line, as sorreld sends them\n"
    "  --socket PATH  sorreld's control socket; default: /run/sorrel/control.sock\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 shown; 1 sorreld cannot be asked, its answer was not whole, or it does not "
    "know\n"
    "any process that was asked for; 2 wrong usage.\n";

Result<PsOptions> parse_ps_options(int argc, char** argv) {
  PsOptions options;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        apply(options, id, value);
        return !options.help;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (options.help) return options;
  if (options.all && options.exited) return usage("--all and --exited exclude each other");
  if (options.tree && options.json) {
    return usage("--tree and --json exclude each other; each row of --json has its parent");
  }
  for (int i = optind; i < argc; ++i) {
    std::uint32_t pid = 0;
    if (!read_pid(argv[i], pid)) return usage("'" + std::string(argv[i]) + "' is no process id");
    options.pids.push_back(pid);
  }
  std::sort(options.pids.begin(), options.pids.end());
  return options;
}

}  // namespace sorrel::sorrelctl
