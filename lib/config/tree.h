#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace sorrel::config {

enum class NodeType { null, scalar, list, map };

struct Entry;

// A YAML value with its place in the file. A plain tree of our own rather than YAML::Node: it keeps
// duplicate keys, so that they can be reported, and it cannot be larger than its limits.
struct Node {
  NodeType type = NodeType::null;
  Position at;
  std::string text;            // of a scalar
  std::vector<Node> items;     // of a list
  std::vector<Entry> entries;  // of a map, in the order of the file; a key may come twice
};

struct Entry {
  std::string key;
  Position at;  // of the key
  Node value;
};

Node scalar_node(std::string text);

// The first value of `key` in a map; nullptr when it has none, or is not a map.
const Node* find(const Node& map, std::string_view key);

// What a node is, in words for a message: "a list", "nothing", or its text in quotes.
std::string describe(const Node& node);

inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxNodes = 10'000;

// Reads one YAML document. Nothing (and at least one problem in `report`) when it is not one, or
// uses what a configuration has no need for: anchors and aliases, tags, several documents. Whatever
// the bytes are, memory and stack stay within the three limits above. An empty text is a null node.
std::optional<Node> parse_tree(std::string_view text, Report& report);

// The tree as a YAML block; what parse_tree() reads back as the same tree, positions aside.
// All text must be UTF-8 without control characters other than tab.
std::string to_text(const Node& node);

}  // namespace sorrel::config
