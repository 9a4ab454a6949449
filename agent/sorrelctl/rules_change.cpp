#include "rules_change.h"

#include <cstdio>
#include <utility>

#include "commands.h"
#include "ruleset/text.h"
#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

Result<ruleset::WantedRules> read_wanted(const char* command, const KernelHost& host,
                                         const WantedFiles& files) {
  auto wanted = ruleset::wanted_rules(files.paths, host.host.target(), files.optimize);
  if (!wanted) return wanted;
  for (const ruleset::Finding& finding : wanted->findings.all()) {
    fail_with(command, finding_text(finding, wanted->files), 0);
  }
  if (wanted->findings.errors() == 0) return wanted;
  return fail(std::errc::invalid_argument, "the rules have " +
                                               std::to_string(wanted->findings.errors()) +
                                               " errors; nothing was changed");
}

}  // namespace

Status KernelHost::open() {
  auto opened = ruleset::NetlinkRuleKernel::open(clock);
  if (!opened) return Unexpected<Error>(std::move(opened).error());
  kernel = *std::move(opened);
  return Ok{};
}

std::string KernelHost::print(const ruleset::Rule& rule, bool resolve) const {
  return ruleset::rule_text(rule, host.target(), {.resolve = resolve});
}

std::optional<KernelRulesOptions> begin_kernel_rules(int argc, char** argv, const char* help,
                                                     int& status) {
  auto parsed = parse_kernel_rules_options(argc, argv);
  if (!parsed) {
    status = fail_with(argv[0], parsed.error().message, kExitFailed);
    std::fprintf(stderr, "'sorrelctl rules %s --help' tells more.\n", argv[0]);
    return std::nullopt;
  }
  if (!parsed->help) return *std::move(parsed);
  std::fputs(help, stdout);
  status = kExitOk;
  return std::nullopt;
}

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

Result<RulesChange> change_rules(const char* command, KernelHost& host,
                                 const KernelRulesOptions& options, ruleset::ApplyOptions how) {
  const auto files = wanted_files(options);
  if (!files) return Unexpected<Error>(files.error());
  auto wanted = read_wanted(command, host, *files);
  if (!wanted) return Unexpected<Error>(std::move(wanted).error());
  if (const Status opened = host.open(); !opened) return Unexpected<Error>(opened.error());
  how.settings = ruleset::merge_settings(files->settings, wanted->state.settings);
  how.actions = std::move(wanted->state.actions);
  RulesChange change{.wanted = std::move(wanted->rules), .report = {}};
  if (options.keep_foreign) {
    const auto loaded = host.kernel->list();
    if (!loaded) return Unexpected<Error>(loaded.error());
    change.wanted = ruleset::keep_foreign(*loaded, change.wanted, {});
  }
  auto report = ruleset::apply(*host.kernel, change.wanted, host.paths, how);
  if (!report) return Unexpected<Error>(std::move(report).error());
  change.report = *std::move(report);
  return change;
}

void show_pending(const ruleset::ApplyReport& report, const KernelHost& host) {
  for (const ruleset::PendingRule& waiting : report.pending) {
    put("waiting for " + waiting.path + ": " + host.print(waiting.rule));
  }
}

}  // namespace sorrel::sorrelctl
