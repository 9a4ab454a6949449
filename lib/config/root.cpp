#include "config/known_keys.h"
#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kDayS = 86'400;

// Rules are changed by who may change the kernel: the registered daemon.
void check_rules_of_listener(const Options& options, const Node& map, Report& report) {
  if (options.input.kind == input::Kind::kernel || options.rules.paths.empty()) return;
  report.add(place_of(map, {"rules"}),
             "rules are loaded with input: kernel only; remove them, or use input: kernel");
}

// The multicast group is for listening: nothing is written to the kernel there, so a setting that
// was asked for would silently not happen.
void check_settings_of_listener(const Options& options, const Node& map, Report& report) {
  if (options.input.kind != input::Kind::multicast) return;
  const netlink::KernelSettings& settings = options.netlink.settings;
  const Node* kernel = find(map, "kernel");
  if (kernel == nullptr) return;
  const auto refuse = [&](std::string_view key, bool is_set) {
    if (!is_set) return;
    report.add(place_of(*kernel, {key}),
               "kernel." + std::string(key) +
                   " has no effect with input: multicast, which never writes to the kernel; remove "
                   "it, or use input: kernel");
  };
  refuse("enabled", settings.enabled.has_value());
  refuse("failure", settings.failure.has_value());
  refuse("backlog_wait_time", settings.backlog_wait_time.has_value());
  refuse("rate_limit", settings.rate_limit.has_value());
  refuse("at_exit", options.netlink.at_exit == netlink::AtExit::restore);
  refuse("take_over_when_free", options.netlink.take_over_when_free);
}

void append_keys(const std::vector<Field>& fields, const std::string& prefix, bool has_short_form,
                 std::vector<std::string>& keys) {
  if (has_short_form || fields.empty()) keys.push_back(prefix);
  for (const Field& field : fields) {
    const std::string name =
        prefix.empty() ? std::string(field.key) : prefix + "." + std::string(field.key);
    append_keys(field.value.fields, name, field.value.has_short_form, keys);
  }
}

}  // namespace

Value root_table(Options& o, bool lists_outputs) {
  return section(
      {
          {"user", text(o.user, kUserName)},
          {"state_dir", text(o.state_dir, kDirectory)},
          {"log_level", choice(o.log_level, Words<Level>{{"debug", Level::debug},
                                                         {"info", Level::info},
                                                         {"hint", Level::hint},
                                                         {"warning", Level::warning},
                                                         {"error", Level::error}})},
          {"statistics", seconds(o.statistics_s, 1, 30 * kDayS, "never")},
          {"node", node_table(o.node)},
          {"input", input_table(o.input)},
          {"kernel", kernel_table(o.netlink)},
          {"rules", rules_table(o.rules)},
          {"events", events_table(o.event)},
          {"enrich", enrich_table(o.enrich)},
          {"control", control_table(o.control)},
          {"json", json_table(o.encode)},
          {"raw", raw_table(o.encode)},
          {"buffer", buffer_table(o.buffer)},
          {"outputs", outputs_table(o.outputs, lists_outputs)},
      },
      [&o](const Node& map, Report& report) {
        check_settings_of_listener(o, map, report);
        check_rules_of_listener(o, map, report);
        check_output_paths(o, map, report);
      });
}

std::vector<std::string> known_keys() {
  Options options;
  const Value root = root_table(options, true);
  std::vector<std::string> keys;
  append_keys(root.fields, "", false, keys);
  return keys;
}

}  // namespace sorrel::config
