// sorrelctl rules apply, diff and list: what asks the kernel.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "commands.h"
#include "rules_commands.h"
#include "rules_json.h"
#include "rules_kernel_options.h"
#include "ruleset/apply.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/text.h"
#include "ruleset/wanted_rules.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

using ruleset::ApplyReport;
using ruleset::Outcome;

// Of rules apply and diff.
constexpr int kExitDiffers = 2;
constexpr int kExitRolledBack = 3;
constexpr int kExitImmutable = 4;

constexpr const char* kApplyHelp =
    "usage: sorrelctl rules apply [OPTION...]\n"
    "\n"
    "Makes the kernel's audit rules those of the files, by the smallest change and without a gap:\n"
    "at every moment every event meets the old or the new rules. A step that fails is undone.\n"
    "\n"
    "  --rules PATH    a file, a folder of *.rules, or - for standard input; may be repeated.\n"
    "                  Default: rules.paths of the configuration, else /etc/audit/rules.d\n"
    "  --config FILE   sorreld's configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --check         change nothing; say whether something would change\n"
    "  --keep-foreign  leave loaded rules that are not in the files\n"
    "  --leave-twins   leave rules in another form of the same meaning, where the change made "
    "them\n"
    "  --json          one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 in sync, or applied; 2 would change (--check); 1 failed, nothing changed;\n"
    "3 failed and undone; 4 rules are locked until the next boot and differ.\n";

constexpr const char* kDiffHelp =
    "usage: sorrelctl rules diff [OPTION...]\n"
    "\n"
    "Shows in what the kernel's audit rules (-) differ from those of the files (+).\n"
    "\n"
    "  --rules PATH    a file, a folder of *.rules, or - for standard input; may be repeated.\n"
    "                  Default: rules.paths of the configuration, else /etc/audit/rules.d\n"
    "  --config FILE   sorreld's configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --keep-foreign  loaded rules that are not in the files are no difference\n"
    "  --json          one JSON object\n"
    "  --help          this text\n"
    "\n"
    "Exit status: 0 in sync; 2 they differ; 1 failed.\n";

constexpr const char* kListHelp =
    "usage: sorrelctl rules list [OPTION...]\n"
    "\n"
    "Shows the kernel's audit rules, in the order in which it evaluates them.\n"
    "\n"
    "  --json     a JSON array of lines\n"
    "  --resolve  names for users, groups and the like\n"
    "  --help     this text\n"
    "\n"
    "Exit status: 0 shown; 1 failed.\n";

int fail_with(const char* command, const std::string& message, int status) {
  std::string text;
  append_visible(message, standard_output().has_utf8, text);
  std::fprintf(stderr, "sorrelctl rules %s: %s\n", command, text.c_str());
  return status;
}

void put(const std::string& text) {
  std::string visible;
  append_visible(text, standard_output().has_utf8, visible);
  std::printf("%s\n", visible.c_str());
}

// A line that is written over while a long change goes on.
class ProgressLine {
 public:
  void show(const ruleset::Progress& now) {
    const auto time = std::chrono::steady_clock::now();
    if (!is_terminal_ || time < next_) return;
    next_ = time + std::chrono::milliseconds(100);
    const char* const what = now.is_rollback  ? "undoing"
                             : now.is_tidying ? "bringing rules to their written form"
                                              : "changing rules";
    std::fprintf(stderr, "\r\033[K%s: %zu of %zu", what, now.done, now.total);
    is_shown_ = true;
  }
  ~ProgressLine() {
    if (is_shown_) std::fputs("\r\033[K", stderr);
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  // What is quick needs none.
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  bool is_shown_ = false;
};

// Everything a command needs of this host.
struct Host {
  SystemClock clock;
  ruleset::HostTarget host;
  ruleset::SystemHostPaths paths;
  std::unique_ptr<ruleset::NetlinkRuleKernel> kernel;

  std::string print(const ruleset::Rule& rule, bool resolve = false) const {
    return ruleset::rule_text(rule, host.target(), {.resolve = resolve});
  }
  RulePrinter printer() const {
    return [this](const ruleset::Rule& rule) { return print(rule); };
  }
};

Status open(Host& host) {
  auto kernel = ruleset::NetlinkRuleKernel::open(host.clock);
  if (!kernel) return Unexpected<Error>(std::move(kernel).error());
  host.kernel = *std::move(kernel);
  return Ok{};
}

// What the files ask for; every finding goes to standard error, and an error ends it: half of a
// ruleset is not what anybody wants.
Result<std::vector<ruleset::Rule>> read_wanted(const char* command, const Host& host,
                                               const KernelRulesOptions& options) {
  const auto paths = rule_paths(options);
  if (!paths) return Unexpected<Error>(paths.error());
  auto wanted = ruleset::wanted_rules(*paths, host.host.target());
  if (!wanted) return Unexpected<Error>(std::move(wanted).error());
  for (const ruleset::Finding& finding : wanted->findings.all()) {
    fail_with(command, finding_text(finding, wanted->files), 0);
  }
  if (wanted->findings.errors() == 0) return std::move(wanted->rules);
  return fail(std::errc::invalid_argument, "the rules have " +
                                               std::to_string(wanted->findings.errors()) +
                                               " errors; nothing was changed");
}

Result<ApplyReport> run_apply(const char* command, Host& host, const KernelRulesOptions& options,
                              const ruleset::ApplyOptions& how,
                              std::vector<ruleset::Rule>& wanted) {
  auto read = read_wanted(command, host, options);
  if (!read) return Unexpected<Error>(std::move(read).error());
  wanted = *std::move(read);
  if (const Status opened = open(host); !opened) return Unexpected<Error>(opened.error());
  if (options.keep_foreign) {
    const auto loaded = host.kernel->list();
    if (!loaded) return Unexpected<Error>(loaded.error());
    wanted = ruleset::keep_foreign(*loaded, wanted, {});
  }
  return ruleset::apply(*host.kernel, wanted, host.paths, how);
}

void show_pending(const ApplyReport& report, const Host& host) {
  for (const ruleset::PendingRule& waiting : report.pending) {
    put("waiting for " + waiting.path + ": " + host.print(waiting.rule));
  }
}

void show_failure(const ApplyReport& report, const Host& host) {
  if (!report.failure) return;
  const char* const what =
      report.failure->step.kind == ruleset::StepKind::add ? "adding" : "removing";
  fail_with("apply",
            std::string(what) + " '" + host.print(report.failure->step.rule) +
                "': " + report.failure->error.to_string(),
            0);
  if (report.rollback_error) {
    fail_with("apply",
              "what was changed before could not be undone: " + report.rollback_error->to_string() +
                  "; apply again heals it",
              0);
  }
}

int apply_status(Outcome outcome) {
  switch (outcome) {
    case Outcome::in_sync:
    case Outcome::applied:
      return kExitOk;
    case Outcome::would_change:
      return kExitDiffers;
    case Outcome::rolled_back:
      return kExitRolledBack;
    case Outcome::needs_reboot:
      return kExitImmutable;
    case Outcome::interrupted:
    case Outcome::failed:
      return kExitFailed;
  }
  return kExitFailed;
}

void show_apply(const ApplyReport& report, const Host& host) {
  const std::string difference = ruleset::summary(report.diff);
  switch (report.outcome) {
    case Outcome::in_sync:
      put("in sync: " + difference);
      break;
    case Outcome::would_change:
      put("would change: " + difference);
      break;
    case Outcome::applied:
      put("applied: " + difference);
      break;
    case Outcome::needs_reboot:
      put("rules are locked (enabled 2) until the next boot: " + difference);
      break;
    case Outcome::rolled_back:
      put("failed; the rules of before are loaded again");
      break;
    case Outcome::interrupted:
    case Outcome::failed:
      put(report.rollback_error ? "failed" : "failed; nothing was changed");
      break;
  }
  if (!report.is_enabled) put("note: audit is off (enabled 0), so no rule has an effect");
  show_pending(report, host);
  show_failure(report, host);
}

// The options, or the exit status when there is nothing to run.
bool begin(int argc, char** argv, const char* help, KernelRulesOptions& options, int& status) {
  auto parsed = parse_kernel_rules_options(argc, argv);
  if (!parsed) {
    status = fail_with(argv[0], parsed.error().message, kExitFailed);
    std::fprintf(stderr, "'sorrelctl rules %s --help' tells more.\n", argv[0]);
    return false;
  }
  options = *std::move(parsed);
  if (!options.help) return true;
  std::fputs(help, stdout);
  status = kExitOk;
  return false;
}

}  // namespace

int run_rules_apply(int argc, char** argv) {
  KernelRulesOptions options;
  int status = kExitOk;
  if (!begin(argc, argv, kApplyHelp, options, status)) return status;
  Host host;
  std::vector<ruleset::Rule> wanted;
  const auto report = [&] {
    ProgressLine line;
    return run_apply("apply", host, options,
                     {.check_only = options.check,
                      .written_form = options.written_form,
                      .progress = [&](const ruleset::Progress& now) { line.show(now); }},
                     wanted);
  }();
  if (!report) return fail_with("apply", report.error().to_string(), kExitFailed);
  if (options.json) {
    std::printf("%s\n", json_report(*report, options.check, host.printer()).c_str());
  } else {
    show_apply(*report, host);
  }
  return apply_status(report->outcome);
}

int run_rules_diff(int argc, char** argv) {
  KernelRulesOptions options;
  int status = kExitOk;
  if (!begin(argc, argv, kDiffHelp, options, status)) return status;
  Host host;
  std::vector<ruleset::Rule> wanted;
  const auto report = run_apply("diff", host, options, {.check_only = true}, wanted);
  if (!report) return fail_with("diff", report.error().to_string(), kExitFailed);
  if (options.json) {
    std::printf("%s\n", json_report(*report, true, host.printer()).c_str());
  } else {
    std::vector<ruleset::Rule> loadable = wanted;
    std::erase_if(loadable, [&](const ruleset::Rule& rule) {
      return ruleset::missing_path(rule, host.paths).has_value();
    });
    std::fputs(ruleset::unified_view(report->before, loadable, host.printer()).c_str(), stdout);
    for (const ruleset::OtherForm& form : report->diff.other_form) {
      put("in another form: " + host.print(form.loaded));
    }
    put(ruleset::summary(report->diff));
    show_pending(*report, host);
  }
  return report->diff.in_sync() ? kExitOk : kExitDiffers;
}

int run_rules_list(int argc, char** argv) {
  KernelRulesOptions options;
  int status = kExitOk;
  if (!begin(argc, argv, kListHelp, options, status)) return status;
  Host host;
  if (const Status opened = open(host); !opened) {
    return fail_with("list", opened.error().to_string(), kExitFailed);
  }
  const auto rules = host.kernel->list();
  if (!rules) return fail_with("list", rules.error().to_string(), kExitFailed);
  const RulePrinter print = [&](const ruleset::Rule& rule) {
    return host.print(rule, options.resolve);
  };
  if (options.json) {
    std::printf("%s\n", json_rules(*rules, print).c_str());
    return kExitOk;
  }
  for (const ruleset::Rule& rule : *rules) put(print(rule));
  return kExitOk;
}

}  // namespace sorrel::sorrelctl
