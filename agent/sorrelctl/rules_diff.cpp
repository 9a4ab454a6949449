#include <cstdio>
#include <string>
#include <vector>

#include "commands.h"
#include "rules_change.h"
#include "rules_commands.h"

namespace sorrel::sorrelctl {
namespace {

constexpr int kExitDiffers = 2;

constexpr const char* kDiffHelp =
    "usage: sorrelctl rules diff [OPTION...]\n"
    "\n"
    "Shows in what the kernel's audit rules (-) differ from those of the files (+).\n"
    "\n"
    "  --rules PATH    a file, a folder of *.rules, or - for standard input; may be repeated.\n"
    "                  Default: rules.paths of the configuration, else /etc/audit/rules.d\n"
    "  --config FILE   sorreld's configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --keep-foreign  loaded rules that are not in the files are no difference\n"
    "  --as-written    leave the rules as they are written; or, one by one, --no-narrow-folders,\n"
    "                  --no-merge, --no-never-first (see sorrel.yaml(5), rules)\n"
    "  --json          one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 in sync; 2 they differ; 1 failed.\n";

void show(const RulesChange& change, const KernelHost& host) {
  const ruleset::ApplyReport& report = change.report;
  std::vector<ruleset::Rule> loadable = change.wanted;
  std::erase_if(loadable, [&](const ruleset::Rule& rule) {
    return ruleset::missing_path(rule, host.paths).has_value();
  });
  std::fputs(ruleset::unified_view(report.before, loadable, host.printer()).c_str(), stdout);
  for (const ruleset::SettingChange& setting : report.settings) put(setting_text(setting));
  for (const ruleset::OtherForm& form : report.diff.other_form) {
    put("in another form: " + host.print(form.loaded));
  }
  put(ruleset::summary(report.diff));
  show_pending(report, host);
}

}  // namespace

int run_rules_diff(int argc, char** argv) {
  int status = kExitOk;
  const auto options = begin_kernel_rules(argc, argv, kDiffHelp, status);
  if (!options) return status;
  KernelHost host;
  const auto change = change_rules("diff", host, *options, {.check_only = true});
  if (!change) return fail_with("diff", change.error().to_string(), kExitFailed);
  if (options->json) {
    std::printf("%s\n", json_report(change->report, true, host.printer()).c_str());
  } else {
    show(*change, host);
  }
  return change->report.in_sync() ? kExitOk : kExitDiffers;
}

}  // namespace sorrel::sorrelctl
