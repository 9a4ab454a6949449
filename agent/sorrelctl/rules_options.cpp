#include "rules_options.h"

#include <string_view>

#include "optimize_words.h"
#include "option_words.h"
#include "ruleset/arches.h"
#include "ruleset/conditions.h"
#include "ruleset/numbers.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId {
  kArch = 1000,
  kKernel,
  kRoot,
  kJson,
  kHelp,
  kStrict,  // from here on those of some commands only
  kHex,
  kResolve,
  kAttack,
  kTop,
  kCall,
  kRules
};

constexpr option kOptions[] = {{"arch", required_argument, nullptr, kArch},
                               {"kernel", required_argument, nullptr, kKernel},
                               {"root", required_argument, nullptr, kRoot},
                               {"json", no_argument, nullptr, kJson},
                               {"help", no_argument, nullptr, kHelp},
                               {"strict", no_argument, nullptr, kStrict},
                               {"hex", no_argument, nullptr, kHex},
                               {"resolve", no_argument, nullptr, kResolve},
                               {"attack", required_argument, nullptr, kAttack},
                               {"top", required_argument, nullptr, kTop},
                               {"call", required_argument, nullptr, kCall},
                               kAsWrittenOption,
                               kNoNarrowOption,
                               kNoMergeOption,
                               kNoNeverFirstOption,
                               {"rules", required_argument, nullptr, kRules},
                               {nullptr, 0, nullptr, 0}};

bool is_option_of(std::string_view command, int id) {
  if (is_optimize_option(id)) return command == "cost" || command == "explain";
  switch (id) {
    case kStrict:
      return command == "check";
    case kHex:
    case kResolve:
      return command == "compile";
    case kAttack:
      return command == "explain";
    case kTop:
    case kCall:
      return command == "cost";
    case kRules:
      return command == "test";
    default:
      return true;
  }
}

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
  if (id == kTop) {
    const auto number = ruleset::read_u32(value);
    if (!number) return usage("'" + std::string(value) + "' is no number");
    options.top = *number;
  }
  if (id == kRoot) options.root = value;
  if (id == kAttack) options.attack = value;
  if (id == kCall) options.calls.emplace_back(value);
  if (id == kRules) options.rules.emplace_back(value);
  take_optimize_option(id, options.optimize);
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
        if (!is_option_of(argv[0], id)) return no_such_option(option_name(kOptions, id));
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
