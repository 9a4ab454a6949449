#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

// A path, or "off" for none.
Scalar socket_or_off(std::string& path) {
  return {std::string(kSocketPath.wanted) + ", or off",
          [&path](std::string_view word) -> std::string {
            // YAML's other words for it would otherwise be taken for odd paths.
            if (word == "off" || word == "no" || word == "false") {
              path.clear();
              return "";
            }
            std::string wrong = kSocketPath.check(word);
            if (wrong.empty()) path = word;
            return wrong.empty() ? wrong : wrong + "; or off, for no socket";
          },
          [&path]() -> std::optional<std::string> { return path.empty() ? "off" : path; }};
}

void check_control(const control::Options& o, const Node& map, Report& report) {
  if (!o.socket.empty() || !o.group) return;
  report.add_here(place_of(map, {"group"}), "group has no effect with socket: off; remove one");
}

}  // namespace

Value control_table(control::Options& o) {
  return section(
      {
          {"socket", socket_or_off(o.socket)},
          {"group", text(o.group, kUserName)},
      },
      [&o](const Node& map, Report& report) { check_control(o, map, report); });
}

}  // namespace sorrel::config
