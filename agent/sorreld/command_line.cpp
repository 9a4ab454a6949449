#include "sorreld/command_line.h"

#include <getopt.h>

namespace sorrel::agent {

const char* const kHelp =
    "usage: sorreld [--config FILE] [--check-config] [--stats-file FILE]\n"
    "\n"
    "Reads the kernel's audit events and writes them out, decoded.\n"
    "\n"
    "  --config FILE       the configuration (default /etc/sorrel/sorrel.yaml)\n"
    "  --check-config      only check it: says what is wrong, with file, line and column\n"
    "  --stats-file FILE   write a JSON summary there at the end\n"
    "  --version, --help\n"
    "\n"
    "SIGTERM stops it cleanly, SIGHUP reads the configuration again and reopens the outputs,\n"
    "SIGUSR1 logs the counters.\n"
    "Exit status: 0 stopped as asked; 1 something broke; 2 wrong usage; 3 wrong configuration;\n"
    "4 the kernel does not give its audit records (another audit daemon has them, no "
    "permission).\n";

Result<CommandLine> parse_command_line(int argc, char** argv) {
  enum Id { kConfig = 1000, kCheck, kStats, kVersion, kHelpId };
  static constexpr option kOptions[] = {
      {"config", required_argument, nullptr, kConfig},
      {"check-config", no_argument, nullptr, kCheck},
      {"stats-file", required_argument, nullptr, kStats},
      {"version", no_argument, nullptr, kVersion},
      {"help", no_argument, nullptr, kHelpId},
      {nullptr, 0, nullptr, 0},
  };
  CommandLine line;
  optind = 1;  // getopt's own state, of an earlier call
  opterr = 0;
  for (int id = 0; (id = ::getopt_long(argc, argv, ":h", kOptions, nullptr)) != -1;) {
    const std::string word = argv[optind - 1];
    switch (id) {
      case kConfig:
        line.config = optarg;
        break;
      case kCheck:
        line.check_config = true;
        break;
      case kStats:
        line.stats_file = optarg;
        break;
      case kVersion:
        line.version = true;
        break;
      case 'h':
      case kHelpId:
        line.help = true;
        break;
      case ':':
        return fail(std::errc::invalid_argument, "option '" + word + "' needs a value");
      default:
        return fail(std::errc::invalid_argument, "there is no option '" + word + "'");
    }
  }
  if (optind < argc)
    return fail(
        std::errc::invalid_argument,
        "'" + std::string(argv[optind]) + "' is one word too many; the file goes behind --config");
  return line;
}

}  // namespace sorrel::agent
