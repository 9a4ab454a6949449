#include <algorithm>
#include <memory>
#include <utility>

#include "config/known_keys.h"
#include "config/nearest.h"
#include "config/value.h"

namespace sorrel::config {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

// Where an option or a section of this name is known instead: "events.timeout" for "timeout",
// "outputs.rotate" for "rotate"; "" when nowhere. A view of one of `all`.
std::string_view known_as(std::string_view key, const std::vector<std::string>& all) {
  for (const std::string_view known : all) {
    std::size_t start = 0;
    while (start < known.size()) {
      const std::size_t end = std::min(known.find('.', start), known.size());
      if (known.substr(start, end - start) == key) return known.substr(0, end);
      start = end + 1;
    }
  }
  return {};
}

void report_unknown(const Entry& entry, const std::vector<Field>& fields, Report& report) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.key);

  const std::string start = "unknown key " + in_quotes(entry.key);
  if (const std::string_view near = nearest(entry.key, names); !near.empty()) {
    report.add(entry.at, start + "; did you mean '" + std::string(near) + "'?");
    return;
  }
  const std::vector<std::string> all = known_keys();
  const std::string where =
      report.path().empty() ? "at the top of the file" : "in " + report.path();
  if (const std::string_view other = known_as(entry.key, all); !other.empty()) {
    report.add(entry.at, start + " " + where + "; it is known as " + std::string(other));
    return;
  }
  report.add(entry.at, start + "; known " + where + ": " + joined(names));
}

const Entry* first_entry(const Node& map, std::string_view key) {
  const auto found = std::find_if(map.entries.begin(), map.entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == map.entries.end() ? nullptr : &*found;
}

void read_entry(const Entry& entry, const Node& map, const std::vector<Field>& fields,
                Report& report) {
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& known) { return known.key == entry.key; });
  if (field == fields.end()) {
    report_unknown(entry, fields, report);
    return;
  }
  if (const Entry* first = first_entry(map, entry.key); first != &entry) {
    report.add(entry.at, in_quotes(entry.key) + " is given twice; the first is in line " +
                             std::to_string(first->at.line));
    return;
  }
  const Report::Inside inside(report, field->key);
  field->value.read(entry.value, report);
}

}  // namespace

Value::Value(Scalar scalar) {
  read = [scalar](const Node& node, Report& report) {
    if (node.type != NodeType::scalar) {
      report_wrong_type(node, scalar.wanted, report);
    } else if (const std::string wrong = scalar.parse(node.text); !wrong.empty()) {
      report.add_here(node.at, wrong);
    }
  };
  write = [print = scalar.print]() -> std::optional<Node> {
    const std::optional<std::string> text = print();
    if (!text) return std::nullopt;
    return scalar_node(*text);
  };
}

void report_wrong_type(const Node& node, std::string_view wanted, Report& report) {
  report.add_here(node.at, "wanted " + std::string(wanted) + ", found " + describe(node));
}

void read_section(const std::vector<Field>& fields, const Check& check, const Node& node,
                  Report& report) {
  if (node.type != NodeType::map && node.type != NodeType::null) {
    const bool no_space = node.type == NodeType::scalar && node.text.find(':') < node.text.size();
    report.add_here(node.at, "wanted options, one a line, such as " + std::string(fields[0].key) +
                                 ": VALUE, found " + describe(node) +
                                 (no_space ? "; write a space after the colon" : ""));
    return;
  }
  const std::size_t before = report.count();
  for (const Entry& entry : node.entries) read_entry(entry, node, fields, report);
  for (const Field& field : fields) {
    if (field.presence == Presence::required && !find(node, field.key)) {
      report.add_here(node.at, "'" + std::string(field.key) + "' is missing");
    }
  }
  // An option that could not be read still has its default: to compare it would say nonsense.
  if (check && report.count() == before) check(node, report);
}

Node write_section(const std::vector<Field>& fields) {
  Node map;
  map.type = NodeType::map;
  for (const Field& field : fields) {
    if (std::optional<Node> value = field.value.write()) {
      map.entries.push_back({std::string(field.key), {}, std::move(*value)});
    }
  }
  return map;
}

Value section(std::vector<Field> fields, Check check) {
  // Shared by both: a copy of a table copies all that its fields have, sections within it included.
  const auto shared = std::make_shared<const std::vector<Field>>(fields);
  Value value;
  value.fields = std::move(fields);
  value.read = [shared, check](const Node& node, Report& report) {
    read_section(*shared, check, node, report);
  };
  value.write = [shared]() -> std::optional<Node> { return write_section(*shared); };
  return value;
}

Position place_of(const Node& map, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const Node* found = find(map, key)) return found->at;
  }
  return map.at;
}

}  // namespace sorrel::config
