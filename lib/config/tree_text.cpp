#include <algorithm>
#include <string_view>

#include "config/tree.h"

namespace sorrel::config {
namespace {

// Whether YAML reads `text` as itself without quotes. Stricter than YAML, so that one look is
// enough; what yaml-cpp reads as null must be quoted too.
bool is_plain(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '.';
  };
  const auto is_inner = [&](char c) { return is_word(c) || c == ' ' || c == '-' || c == '@'; };
  if (text.empty() || !is_word(text.front()) || !is_word(text.back())) return false;
  if (text == "null" || text == "Null" || text == "NULL") return false;
  return std::all_of(text.begin(), text.end(), is_inner) && !text.starts_with("...");
}

std::string scalar_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + '"';
}

void append(std::string& out, const Node& node, std::size_t indent);

// What follows "key:" or "-".
void append_value(std::string& out, const Node& node, std::size_t indent) {
  switch (node.type) {
    case NodeType::null:
      out += " null\n";
      return;
    case NodeType::scalar:
      out += " " + scalar_text(node.text) + "\n";
      return;
    case NodeType::list:
      if (node.items.empty()) {
        out += " []\n";
        return;
      }
      break;
    case NodeType::map:
      if (node.entries.empty()) {
        out += " {}\n";
        return;
      }
      break;
  }
  out += '\n';
  append(out, node, indent);
}

void append(std::string& out, const Node& node, std::size_t indent) {
  const std::string spaces(indent, ' ');
  for (const Node& item : node.items) {
    out += spaces + "-";
    // The first key of a map stands beside its dash.
    if (item.type == NodeType::map && !item.entries.empty()) {
      const std::size_t start = out.size();
      append(out, item, indent + 2);
      out.replace(start, indent + 1, "");
    } else {
      append_value(out, item, indent + 2);
    }
  }
  for (const Entry& entry : node.entries) {
    out += spaces + scalar_text(entry.key) + ":";
    append_value(out, entry.value, indent + 2);
  }
}

}  // namespace

std::string to_text(const Node& node) {
  if (node.type == NodeType::null) return "";
  if (node.type == NodeType::scalar) return scalar_text(node.text) + "\n";
  if (node.items.empty() && node.entries.empty()) {
    return node.type == NodeType::list ? "[]\n" : "{}\n";
  }
  std::string out;
  append(out, node, 0);
  return out;
}

}  // namespace sorrel::config
