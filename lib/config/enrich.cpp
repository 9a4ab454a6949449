#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kMB = 1'000'000;
constexpr std::uint64_t kDayS = 86'400;

// A variable's name, with a star at its end for all that begin so.
std::string check_variable(std::string_view text) {
  const std::string_view name = text.ends_with('*') ? text.substr(0, text.size() - 1) : text;
  const bool is_name =
      !text.empty() && text.size() <= 128 && name.find_first_of("=* \t") == std::string_view::npos;
  return is_name ? "" : "wanted the name of a variable, such as LD_PRELOAD or LD_*";
}

constexpr TextForm kVariable = {"the name of a variable, such as LD_PRELOAD or LD_*",
                                check_variable};

Value hash_table(enrich::HashOptions& o) {
  return section({
      {"enabled", yes_no(o.enabled)},
      {"size_limit", bytes(o.size_limit_bytes, 1, 100'000 * kMB)},
      {"cache_entries", number(o.cache_entries, 0, 1'000'000)},
  });
}

Value processes_table(enrich::ProcessOptions& o) {
  return section({
      {"max", number(o.max, 1'024, 500'000)},
      {"keep_exited", seconds(o.keep_exited_s, 0, kDayS)},
      {"wait", milliseconds(o.wait_ms, 0, 1'000)},
      {"reads_per_second", number(o.reads_per_second, 0, 1'000'000)},
      {"sweep", seconds(o.sweep_s, 1, kDayS)},
  });
}

Value secrets_table(enrich::SecretOptions& o) {
  return section(
      {
          {"redact", yes_no(o.redact)},
          {"patterns", list(o.patterns, kFilePath)},
      },
      [&o](const Node& map, Report& report) {
        if (o.redact && o.patterns.empty())
          report.add_here(place_of(map, {"patterns"}), "redact: yes needs at least one file");
      });
}

}  // namespace

Value enrich_table(enrich::Options& o) {
  return section({
      {"names", yes_no(o.names)},
      {"arguments", yes_no(o.arguments)},
      {"user_names", yes_no(o.user_names)},
      {"name_service", yes_no(o.name_service)},
      {"groups", yes_no(o.groups)},
      {"paths", yes_no(o.paths)},
      {"script", yes_no(o.script)},
      {"pid", yes_no(o.pid)},
      {"parent_details", yes_no(o.parent_details)},
      {"spawned_by", yes_no(o.spawned_by)},
      {"session", yes_no(o.session)},
      {"ancestors", number(o.ancestors, 0, 32)},
      {"container", yes_no(o.container)},
      {"container_info", yes_no(o.container_info)},
      {"container_names", yes_no(o.container_names)},
      {"systemd", yes_no(o.systemd)},
      {"environment", list(o.environment, kVariable)},
      {"exe_hash", hash_table(o.hash)},
      {"processes", processes_table(o.processes)},
      {"secrets", secrets_table(o.secrets)},
  });
}

}  // namespace sorrel::config
