// config/sorrel.yaml is the reference of the options: these tests keep it complete and true.
#include <algorithm>
#include <set>

#include "catch.h"
#include "config/known_keys.h"
#include "config/load.h"
#include "config/print.h"
#include "config/tree.h"
#include "text_file.h"

namespace sorrel::config {
namespace {

enum class Uncomment { defaults, defaults_and_examples };

// Whether a comment's text is an option: "name:" and then nothing or a space.
bool is_option(std::string_view text) {
  const std::size_t colon = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  if (colon == 0 || colon == std::string_view::npos || text[colon] != ':') return false;
  return colon + 1 == text.size() || text[colon + 1] == ' ';
}

// The file with "#option: value" (and "##option: value") as if a person had removed the # marks.
std::string uncommented(std::string_view text, Uncomment what) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    std::string_view rest = line.substr(indent);
    const std::size_t marks = std::min(rest.find_first_not_of('#'), rest.size());
    const std::size_t allowed = what == Uncomment::defaults ? 1 : 2;
    if (marks > 0 && marks <= allowed && is_option(rest.substr(marks))) rest.remove_prefix(marks);
    out += std::string(indent, ' ') + std::string(rest) + "\n";
  }
  return out;
}

// The names of all options in a tree, as known_keys() writes them.
void collect(const Node& node, const std::string& prefix, std::set<std::string>& names) {
  const bool section = node.type == NodeType::map && !node.entries.empty();
  const bool outputs = prefix == "outputs" && node.type == NodeType::list;
  if (!section && !outputs) names.insert(prefix);
  for (const Entry& entry : node.entries) {
    collect(entry.value, prefix.empty() ? entry.key : prefix + "." + entry.key, names);
  }
  if (!outputs) return;
  for (const Node& item : node.items) collect(item, prefix, names);
}

const std::string kSample = SORREL_CONFIG_DIR "/sorrel.yaml";
const std::string kCollectors = SORREL_CONFIG_DIR "/collectors.yaml";

Options loaded(std::string_view text) {
  Result<Options> options = load_text("sorrel.yaml", text);
  if (!options) FAIL(options.error().message);
  return *options;
}

}  // namespace

TEST_CASE("the shipped configuration loads and differs from the defaults in its output only",
          "[config]") {
  Options options = loaded(read_text_file(kSample));
  REQUIRE(options.outputs.size() == 1);
  OutputOptions output;
  output.name = "audit";
  output.file.path = "/var/log/sorrel/audit.json";
  output.file.rotate_size_bytes = 100u << 20;
  output.file.generations = 10;
  CHECK(options.outputs[0] == output);
  options.outputs.clear();
  CHECK(options == Options{});
}

TEST_CASE("the shipped configuration's commented values are the defaults", "[config]") {
  const std::string text = read_text_file(kSample);
  const std::string active = uncommented(text, Uncomment::defaults);
  CHECK(active != text);
  CHECK(loaded(active) == loaded(text));
}

TEST_CASE("the outputs to collectors load, and their commented values are the defaults",
          "[config]") {
  const std::string text = read_text_file(kCollectors);
  const Options options = loaded(text);
  REQUIRE(options.outputs.size() == 5);
  CHECK(options.outputs[0].type == OutputType::syslog);
  CHECK(options.outputs[0].network.tls.ca == "/etc/sorrel/ca.pem");
  CHECK(options.outputs[1].type == OutputType::relp);
  CHECK(options.outputs[2].type == OutputType::syslog_udp);
  CHECK(options.outputs[3].type == OutputType::http);
  CHECK(options.outputs[4].type == OutputType::kafka);
  CHECK(to_yaml(loaded(uncommented(text, Uncomment::defaults))) == to_yaml(options));
  CHECK(loaded(uncommented(text, Uncomment::defaults)) == options);
  // Nothing is forgotten on the way to the printed form and back.
  CHECK(loaded(to_yaml(options)) == options);
}

TEST_CASE("the shipped configuration documents every option and no other", "[config]") {
  std::set<std::string> documented;
  for (const std::string& path : {kSample, kCollectors}) {
    Report report(path);
    const std::optional<Node> tree =
        parse_tree(uncommented(read_text_file(path), Uncomment::defaults_and_examples), report);
    REQUIRE(tree.has_value());
    collect(*tree, "", documented);
  }
  // Those that are written in one line are documented in another output.
  documented.erase("outputs.tls");
  // A map whose names are the reader's own.
  if (documented.erase("outputs.labels.job") == 1) documented.insert("outputs.labels");

  std::set<std::string> known;
  for (const std::string& key : known_keys()) known.insert(key);
  // "input" is written as a section here; its short form is in the text.
  known.erase("input");
  known.erase("outputs.tls");
  CHECK(documented == known);
}

TEST_CASE("each example in the shipped configuration is valid in its place", "[config]") {
  const std::string text = read_text_file(kSample);
  std::size_t examples = 0;
  for (std::size_t at = 0; (at = text.find("##", at)) != std::string::npos; at += 2) {
    const std::string_view line =
        std::string_view(text).substr(at + 2, text.find('\n', at) - at - 2);
    if (!is_option(line)) continue;
    // The head of the file explains the convention by "##option: value".
    if (line.starts_with("option:")) continue;
    ++examples;
    std::string one = text;
    one.erase(at, 2);
    INFO(line);
    const Options changed = loaded(one);
    CHECK_FALSE(changed == loaded(text));
  }
  CHECK(examples == 9);
}

TEST_CASE("the demo configuration writes the kernel's events to standard output", "[config]") {
  const Options options = loaded(read_text_file(SORREL_CONFIG_DIR "/demo.yaml"));
  CHECK(options.input == input::Options{});
  REQUIRE(options.outputs.size() == 1);
  CHECK(options.outputs[0].file.path == "-");
  CHECK(options.outputs[0].format == buffer::Format::json);
}

TEST_CASE("names of options are unique", "[config]") {
  const std::vector<std::string> keys = known_keys();
  CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == keys.size());
  CHECK(std::count(keys.begin(), keys.end(), "events.timeout") == 1);
  CHECK(std::count(keys.begin(), keys.end(), "outputs.rotate.size") == 1);
  CHECK(std::count(keys.begin(), keys.end(), "node.fixed") == 1);
}

}  // namespace sorrel::config
