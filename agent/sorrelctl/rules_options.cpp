#include "rules_options.h"

#include "option_words.h"
#include "ruleset/arches.h"
#include "ruleset/conditions.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId { kArch = 1000, kKernel, kRoot, kStrict, kJson, kHex, kResolve, kHelp };

constexpr option kOptions[] = {
    {"arch", required_argument, nullptr, kArch},
    {"kernel", required_argument, nullptr, kKernel},
    {"root", required_argument, nullptr, kRoot},
    {"strict", no_argument, nullptr, kStrict},
    {"json", no_argument, nullptr, kJson},
    {"hex", no_argument, nullptr, kHex},
    {"resolve", no_argument, nullptr, kResolve},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

Unexpected<Error> usage(std::string message) {
  return fail(std::errc::invalid_argument, std::move(message));
}

Status apply(RulesOptions& options, int id, const char* value) {
  if (id == kArch) {
    options.arch = ruleset::arch_number(value);
    if (!options.arch) return usage("there is no architecture '" + std::string(value) + "'");
  }
  if (id == kKernel) {
    options.kernel = ruleset::read_kernel_version(value);
    if (!options.kernel) {
      return usage("'" + std::string(value) + "' is no version of the kernel, as 6.1 is one");
    }
  }
  if (id == kRoot) options.root = value;
  if (id == kStrict) options.strict = true;
  if (id == kJson) options.format = RulesFormat::json;
  if (id == kHex) options.format = RulesFormat::hex;
  if (id == kResolve) options.resolve = true;
  if (id == kHelp || id == 'h') options.help = true;
  return Ok{};
}

}  // namespace

Result<RulesOptions> parse_rules_options(int argc, char** argv) {
  RulesOptions options;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (const Status applied = apply(options, id, value); !applied)
          return Unexpected<Error>(applied.error());
        return !options.help;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (options.help) return options;
  for (int i = optind; i < argc; ++i) options.paths.emplace_back(argv[i]);
  if (options.paths.empty()) return usage("a file, a folder or - is missing");
  return options;
}

}  // namespace sorrel::sorrelctl
