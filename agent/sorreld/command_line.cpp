#include "sorreld/command_line.h"

#include <string_view>

namespace sorrel::agent {

const char* const kHelp =
    "usage: sorreld [--config FILE] [--stats-file FILE]\n"
    "       sorreld --check-config [--config FILE]\n"
    "\n"
    "Reads the kernel's audit events as the audit daemon, or beside it, and writes them as JSON "
    "or\n"
    "as auditd's text.\n"
    "\n"
    "  --config FILE      the configuration; default /etc/sorrel/sorrel.yaml\n"
    "  --check-config     say what is wrong with the configuration, and end\n"
    "  --stats-file FILE  write the counters there, as JSON, at the end\n"
    "  --help, --version\n"
    "\n"
    "signals: SIGTERM and SIGINT end it when all is written (a second one at once), SIGHUP reads "
    "the\n"
    "configuration again and reopens the outputs, SIGUSR1 logs the counters.\n"
    "\n"
    "exit status: 0 ended as asked, 1 failed, 2 wrong usage, 3 the configuration has errors,\n"
    "4 another audit daemon is registered with the kernel.\n";

Result<CommandLine> parse_command_line(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const bool is_flag =
        name == "--check-config" || name == "--help" || name == "-h" || name == "--version";
    if (is_flag && equals != std::string_view::npos) {
      return fail(std::errc::invalid_argument, "option " + std::string(name) + " takes no value");
    }
    if (name == "--check-config") {
      line.check_config = true;
    } else if (name == "--help" || name == "-h") {
      line.help = true;
    } else if (name == "--version") {
      line.version = true;
    } else if (name == "--config" || name == "--stats-file") {
      std::string& value = name == "--config" ? line.config_path : line.stats_path;
      if (equals == std::string_view::npos && i + 1 == argc) {
        return fail(std::errc::invalid_argument, "option " + std::string(name) + " needs a FILE");
      }
      value = equals == std::string_view::npos ? argv[++i] : argument.substr(equals + 1);
      if (value.empty()) {
        return fail(std::errc::invalid_argument, "option " + std::string(name) + " needs a FILE");
      }
    } else {
      return fail(std::errc::invalid_argument,
                  "there is no option '" + std::string(argument) + "'");
    }
  }
  return line;
}

}  // namespace sorrel::agent
