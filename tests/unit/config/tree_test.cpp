#include "config/tree.h"

#include "catch.h"

namespace sorrel::config {
namespace {

Node parsed(std::string_view text) {
  Report report("c");
  std::optional<Node> tree = parse_tree(text, report);
  for (const Problem& problem : report.take()) UNSCOPED_INFO(problem.to_string());
  REQUIRE(tree.has_value());
  return std::move(*tree);
}

bool same(const Node& a, const Node& b) {
  if (a.type != b.type || a.text != b.text || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key) return false;
    if (!same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a YAML text becomes a tree with its places", "[config]") {
  const Node tree = parsed("a: 1\nb:\n  - x\n  - {c: \"d e\"}\nempty:\n");
  REQUIRE(tree.type == NodeType::map);
  REQUIRE(tree.entries.size() == 3);
  CHECK(tree.entries[0].key == "a");
  CHECK(tree.entries[0].value.text == "1");
  CHECK(tree.entries[0].value.at.line == 1);
  CHECK(tree.entries[0].value.at.column == 4);

  const Node& list = tree.entries[1].value;
  REQUIRE(list.type == NodeType::list);
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].at.line == 3);
  CHECK(list.items[0].at.column == 5);
  REQUIRE(find(list.items[1], "c") != nullptr);
  CHECK(find(list.items[1], "c")->text == "d e");
  CHECK(find(list.items[1], "d") == nullptr);
  CHECK(find(list, "c") == nullptr);

  // "Nothing" is where its key is.
  CHECK(tree.entries[2].value.type == NodeType::null);
  CHECK(tree.entries[2].value.at.line == 5);
  CHECK(tree.entries[2].value.at.column == 1);
}

TEST_CASE("a text without a document is a null node", "[config]") {
  for (const std::string_view text : {"", "\n\n", "# only a comment\n", "---\n", "\xef\xbb\xbf"}) {
    INFO(text);
    CHECK(parsed(text).type == NodeType::null);
  }
}

TEST_CASE("keys that come twice are both kept", "[config]") {
  const Node tree = parsed("a: 1\na: 2\n");
  REQUIRE(tree.entries.size() == 2);
  CHECK(tree.entries[1].value.text == "2");
}

TEST_CASE("a tree is written so that it is read back", "[config]") {
  Node tree;
  tree.type = NodeType::map;
  const std::string_view texts[] = {"plain",     "16 MiB",
                                    "",          " ",
                                    "null",      "~",
                                    "- a",       "a: b",
                                    "a #b",      "#b",
                                    "@cee: ",    "'",
                                    "\"",        "\\",
                                    "a\\nb",     "{a}",
                                    "[",         "*a",
                                    "&a",        "!a",
                                    "%a",        "|",
                                    ">",         "?",
                                    "Z\xc3\xbc", "...",
                                    "---",       "a\tb",
                                    "0640",      "/a/b c.d",
                                    "yes",       "`",
                                    "a:",        ":a",
                                    "trailing ", "NULL",
                                    "a-b@c",     "\xf0\x9f\x8c\xb1"};
  for (const std::string_view text : texts) {
    tree.entries.push_back({std::string(text), {}, scalar_node(std::string(text))});
  }
  Node list;
  list.type = NodeType::list;
  for (const std::string_view text : texts) list.items.push_back(scalar_node(std::string(text)));
  Node empty_list;
  empty_list.type = NodeType::list;
  Node empty_map;
  empty_map.type = NodeType::map;
  list.items.push_back(empty_list);
  list.items.push_back(empty_map);
  list.items.push_back(Node{});
  Node inner = tree;
  inner.entries.push_back({"deep list", {}, list});
  list.items.push_back(inner);
  tree.entries.push_back({"list", {}, list});
  tree.entries.push_back({"null value", {}, Node{}});

  const std::string text = to_text(tree);
  INFO(text);
  CHECK(same(parsed(text), tree));
  CHECK(same(parsed(to_text(list)), list));
  CHECK(same(parsed(to_text(scalar_node("a: b"))), scalar_node("a: b")));
  CHECK(to_text(Node{}) == "");
  CHECK(to_text(empty_list) == "[]\n");
  CHECK(to_text(empty_map) == "{}\n");
}

}  // namespace sorrel::config
