#include "config/attack.h"

#include <optional>
#include <utility>

#include "config/config_file.h"
#include "config/problem.h"
#include "config/tree.h"

namespace sorrel::config {
namespace {

const Node* map_of(const Node& tree, std::string_view key, Report& report) {
  const Node* const found = find(tree, key);
  if (found != nullptr && found->type == NodeType::map) return found;
  report.add(found != nullptr ? found->at : tree.at, "wanted a map '" + std::string(key) + ":'");
  return nullptr;
}

std::vector<Technique> read_ids(const Entry& key, const Node& names, Report& report) {
  std::vector<Technique> techniques;
  if (key.value.type != NodeType::list) {
    report.add(key.value.at, "wanted a list of techniques, found " + describe(key.value));
    return techniques;
  }
  for (const Node& item : key.value.items) {
    const Node* const name = find(names, item.text);
    if (item.type != NodeType::scalar) {
      report.add(item.at, "wanted a technique, found " + describe(item));
    } else {
      techniques.push_back({item.text, name != nullptr ? name->text : ""});
    }
  }
  return techniques;
}

}  // namespace

Result<AttackMap> parse_attack(std::string_view name, std::string_view text) {
  AttackMap map;
  Report report{std::string(name)};
  if (const std::optional<Node> tree = parse_tree(text, report)) {
    const Node* const keys = map_of(*tree, "keys", report);
    const Node* const names = map_of(*tree, "techniques", report);
    if (keys != nullptr && names != nullptr) {
      for (const Entry& key : keys->entries) map[key.key] = read_ids(key, *names, report);
    }
  }
  const std::vector<Problem> problems = report.take();
  if (!problems.empty()) return fail(std::errc::invalid_argument, one_a_line(problems));
  return map;
}

Result<AttackMap> load_attack(const std::string& path) {
  Result<std::string> text = read_config_file(path);
  if (!text) return Unexpected(std::move(text).error());
  return parse_attack(path, *text);
}

}  // namespace sorrel::config
