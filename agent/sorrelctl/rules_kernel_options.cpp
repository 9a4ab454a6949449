#include "rules_kernel_options.h"

#include <sys/stat.h>

#include <string_view>

#include "config/load.h"
#include "optimize_words.h"
#include "option_words.h"
#include "ruleset/netlink_rule_kernel.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId { kRules = 1000, kConfig, kCheck, kJson, kResolve, kKeepForeign, kLeaveTwins, kHelp };

constexpr option kOptions[] = {{"rules", required_argument, nullptr, kRules},
                               {"config", required_argument, nullptr, kConfig},
                               {"check", no_argument, nullptr, kCheck},
                               {"json", no_argument, nullptr, kJson},
                               {"resolve", no_argument, nullptr, kResolve},
                               {"keep-foreign", no_argument, nullptr, kKeepForeign},
                               {"leave-twins", no_argument, nullptr, kLeaveTwins},
                               kAsWrittenOption,
                               kNoNarrowOption,
                               kNoMergeOption,
                               kNoNeverFirstOption,
                               {"help", no_argument, nullptr, kHelp},
                               {nullptr, 0, nullptr, 0}};

bool is_known(std::string_view command, int id) {
  if (id == kHelp || id == 'h' || id == kJson) return true;
  if (command == "list") return id == kResolve;
  if (id == kRules || id == kConfig || id == kKeepForeign) return true;
  if (is_optimize_option(id)) return true;
  return command == "apply" && (id == kCheck || id == kLeaveTwins);
}

void take(KernelRulesOptions& options, int id) {
  if (id == kRules) options.paths.emplace_back(optarg);
  if (id == kConfig) options.config = optarg;
  options.check = options.check || id == kCheck;
  options.json = options.json || id == kJson;
  options.resolve = options.resolve || id == kResolve;
  options.keep_foreign = options.keep_foreign || id == kKeepForeign;
  options.written_form = options.written_form && id != kLeaveTwins;
  take_optimize_option(id, options.optimize);
  options.help = options.help || id == kHelp || id == 'h';
}

}  // namespace

Result<KernelRulesOptions> parse_kernel_rules_options(int argc, char** argv) {
  KernelRulesOptions options;
  const Status read = read_options(argc, argv, kOptions, [&](int id, const char*) -> Result<bool> {
    if (!is_known(argv[0], id)) return no_such_option(option_name(kOptions, id));
    take(options, id);
    return true;
  });
  if (!read) return Unexpected<Error>(read.error());
  if (optind < argc) {
    return fail(std::errc::invalid_argument, "'" + std::string(argv[optind]) + "' is too much");
  }
  return options;
}

Result<WantedFiles> wanted_files(const KernelRulesOptions& options) {
  if (!options.paths.empty()) return WantedFiles{options.paths, options.optimize, {}};
  struct stat found {};
  if (::stat(options.config.c_str(), &found) == 0) {
    auto config = config::load_file(options.config);
    if (!config) return Unexpected<Error>(std::move(config).error());
    config::RulesOptions& rules = config->rules;
    if (!rules.paths.empty()) {
      const ruleset::OptimizeOptions both{
          .narrow_folders = rules.narrow_folders && options.optimize.narrow_folders,
          .merge = rules.merge && options.optimize.merge,
          .never_first = rules.never_first && options.optimize.never_first};
      return WantedFiles{std::move(rules.paths), both,
                         ruleset::setting_values(config->netlink.settings)};
    }
  }
  return WantedFiles{{kDefaultRules}, options.optimize, {}};
}

}  // namespace sorrel::sorrelctl
