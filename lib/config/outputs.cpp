// The list of outputs. `type` picks the rest of an output's options; each type is a row of
// kOutputTypes.
#include <algorithm>
#include <filesystem>

#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kTiB = kKiB * kKiB * kKiB * kKiB;
constexpr std::uint64_t kTenYearsS = 3650ull * 86'400;
constexpr std::size_t kMaxOutputs = 32;

std::vector<Field> file_fields(OutputOptions& output) {
  sink::FileOptions& o = output.file;
  return {
      {"path", text(o.path, kOutputPath), Presence::required},
      {"rotate", section({
                     {"size", bytes(o.rotate_size_bytes, 4 * kKiB, kTiB, "never")},
                     {"age", seconds(o.rotate_age_s, 1, kTenYearsS, "never")},
                     {"generations", number(o.generations, 0, 10'000)},
                 })},
      {"owner", text(o.owner, kUserName)},
      {"group", text(o.group, kUserName)},
      {"mode", file_mode(o.mode)},
      {"read_users", list(o.read_users, kUserName)},
      {"read_groups", list(o.read_groups, kUserName)},
      {"line_prefix", text(o.line_prefix, kText)},
  };
}

void check_file(const OutputOptions& output, const Node& map, Report& report) {
  const sink::FileOptions& o = output.file;
  const bool rotates = o.rotate_size_bytes != 0 || o.rotate_age_s != 0;
  const Node* rotate = find(map, "rotate");
  const Position rotate_at = rotate != nullptr ? place_of(*rotate, {"generations"}) : map.at;
  if (rotates && o.generations == 0) {
    report.add_here(rotate_at,
                    "rotating with generations: 0 would delete the log each time it is full; keep "
                    "at least 1, or rotate neither by size nor by age");
  }
  if (o.path != "-") return;
  if (rotates) report.add_here(place_of(map, {"rotate"}), "standard output cannot be rotated");
  if (o.owner || o.group || !o.read_users.empty() || !o.read_groups.empty()) {
    report.add_here(place_of(map, {"owner", "group", "read_users", "read_groups"}),
                    "standard output is no file of ours: owner, group, read_users and read_groups "
                    "do not apply to it");
  }
}

struct OutputKind {
  std::string_view name;
  OutputType type;
  std::vector<Field> (*fields)(OutputOptions& output);
  void (*check)(const OutputOptions& output, const Node& map, Report& report);
};

constexpr OutputKind kOutputTypes[] = {
    {"file", OutputType::file, file_fields, check_file},
    {"syslog", OutputType::syslog, syslog_fields, check_shipped},
    {"relp", OutputType::relp, relp_fields, check_shipped},
    {"http", OutputType::http, http_fields, check_shipped},
    {"kafka", OutputType::kafka, kafka_fields, check_shipped},
    {"syslog_udp", OutputType::syslog_udp, udp_fields, check_shipped},
};

// The options that every output has, whatever its type. `type` is the index in kOutputTypes.
std::vector<Field> common_fields(OutputOptions& output, std::size_t& type) {
  Words<std::size_t> types;
  for (std::size_t i = 0; i < std::size(kOutputTypes); ++i)
    types.push_back({kOutputTypes[i].name, i});
  return {
      {"name", text(output.name, kName), Presence::required},
      {"type", choice(type, types), Presence::required},
      {"format", choice(output.format, Words<buffer::Format>{{"json", buffer::Format::json},
                                                             {"raw", buffer::Format::raw}})},
      {"keys", list(output.keys, kText)},
      {"types", list(output.types, kTypeName)},
  };
}

std::vector<Field> output_fields(OutputOptions& output, std::size_t& type) {
  std::vector<Field> fields = common_fields(output, type);
  for (Field& field : kOutputTypes[type].fields(output)) fields.push_back(std::move(field));
  return fields;
}

void read_output(OutputOptions& output, const Node& map, Report& report) {
  std::size_t type = 0;
  if (const Node* word = find(map, "type"); word != nullptr && word->type == NodeType::scalar) {
    const std::vector<Field> common = common_fields(output, type);
    const auto field =
        std::find_if(common.begin(), common.end(), [](const Field& f) { return f.key == "type"; });
    Report unused("");  // The same problem comes again below.
    field->value.read(*word, unused);
  }
  const OutputKind& chosen = kOutputTypes[type];
  output.type = chosen.type;
  const Check check = [&](const Node& node, Report& r) { chosen.check(output, node, r); };
  read_section(output_fields(output, type), check, map, report);
}

void read_outputs(std::vector<OutputOptions>& outputs, const Node& list, Report& report) {
  if (list.type == NodeType::null) return;
  if (list.type != NodeType::list) {
    report_wrong_type(list, "a list of outputs, each beginning with '- name: NAME'", report);
    return;
  }
  if (list.items.size() > kMaxOutputs) {
    report.add_here(list.at, "more than " + std::to_string(kMaxOutputs) + " outputs");
    return;
  }
  for (const Node& item : list.items) {
    OutputOptions output;
    read_output(output, item, report);
    const bool taken = std::any_of(outputs.begin(), outputs.end(), [&](const OutputOptions& other) {
      return other.name == output.name;
    });
    if (taken && !output.name.empty()) {
      report.add_here(place_of(item, {"name"}),
                      "two outputs have the name " + in_quotes(output.name));
    }
    outputs.push_back(std::move(output));
  }
}

Node write_outputs(std::vector<OutputOptions>& outputs) {
  Node list;
  list.type = NodeType::list;
  for (OutputOptions& output : outputs) {
    std::size_t type = 0;
    while (kOutputTypes[type].type != output.type) ++type;
    list.items.push_back(write_section(output_fields(output, type)));
  }
  return list;
}

// Every name that an output may have on disk by rotation: path, path.1 .. path.N.
bool writes_to(const OutputOptions& output, const std::string& path) {
  const auto normal = [](const std::string& p) {
    return std::filesystem::path(p).lexically_normal().string();
  };
  const std::string own = normal(output.file.path);
  const std::string other = normal(path);
  if (own == other) return true;
  const bool rotates = output.file.rotate_size_bytes != 0 || output.file.rotate_age_s != 0;
  if (!rotates || !other.starts_with(own + ".")) return false;
  std::uint64_t generation = 0;
  const std::string suffix = other.substr(own.size() + 1);
  const std::string wrong = kWholeNumber.parse(suffix, generation);
  return wrong.empty() && generation >= 1 && generation <= output.file.generations;
}

}  // namespace

Value outputs_table(std::vector<OutputOptions>& outputs, bool lists_names) {
  Value value;
  OutputOptions example;
  for (std::size_t type = 0; lists_names && type < std::size(kOutputTypes); ++type) {
    for (Field& field : output_fields(example, type)) {
      const bool known = std::any_of(value.fields.begin(), value.fields.end(),
                                     [&](const Field& f) { return f.key == field.key; });
      // Only the names are of use: there is no output yet that the field could refer to.
      if (!known) value.fields.push_back({field.key, {}, field.presence});
      if (!known) value.fields.back().value.fields = field.value.fields;
    }
  }
  value.read = [&outputs](const Node& node, Report& report) {
    read_outputs(outputs, node, report);
  };
  value.write = [&outputs]() -> std::optional<Node> { return write_outputs(outputs); };
  return value;
}

void check_output_paths(const Options& options, const Node& map, Report& report) {
  const Node* list = find(map, "outputs");
  if (list == nullptr) return;
  const std::vector<OutputOptions>& all = options.outputs;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].is_shipped()) continue;
    const std::string& path = all[i].file.path;
    const Position at = place_of(list->items[i], {"path"});
    for (std::size_t j = 0; j < i; ++j) {
      if (all[j].is_shipped()) continue;
      if (!writes_to(all[j], path) && !writes_to(all[i], all[j].file.path)) continue;
      report.add(at, "outputs " + in_quotes(all[j].name) + " and " + in_quotes(all[i].name) +
                         " would write to the same file: " + in_quotes(path) +
                         " is, or is rotated to, a name of the other");
    }
    for (const std::string& source : options.input.paths) {
      if (!writes_to(all[i], source)) continue;
      report.add(at, "output " + in_quotes(all[i].name) + " would write to " + in_quotes(source) +
                         ", which is read as input");
    }
  }
}

}  // namespace sorrel::config
