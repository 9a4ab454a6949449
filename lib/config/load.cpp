#include "config/load.h"

#include <utility>

#include "config/config_file.h"
#include "config/tables.h"
#include "config/tree.h"

namespace sorrel::config {

Checked check_text(std::string_view name, std::string_view text) {
  Checked checked;
  Report report{std::string(name)};
  if (const std::optional<Node> tree = parse_tree(text, report)) {
    root_table(checked.options).read(*tree, report);
  }
  checked.problems = report.take();
  return checked;
}

Result<Options> load_text(std::string_view name, std::string_view text) {
  Checked checked = check_text(name, text);
  if (checked.problems.empty()) return std::move(checked.options);
  return fail(std::errc::invalid_argument, one_a_line(checked.problems));
}

Result<Options> load_file(const std::string& path) {
  Result<std::string> text = read_config_file(path);
  if (!text) return Unexpected(std::move(text).error());
  return load_text(path, *text);
}

}  // namespace sorrel::config
