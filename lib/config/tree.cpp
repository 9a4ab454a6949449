// YAML text to a tree, by the events of yaml-cpp's parser; its own node graph is never built.
// yaml-cpp throws; nothing that it throws leaves this file.
#include "config/tree.h"

#include <istream>
#include <streambuf>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "config/encoding.h"

namespace sorrel::config {
namespace {

Position position(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree from the events of one document. Values under construction are on a stack of
// their own, because a vector that grows moves its elements.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Report& report) : report_(report) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) {
      throw YAML::ParserException(mark, "a second YAML document; all options belong into one");
    }
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    finish(start(NodeType::null, mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report_.add(position(mark), "aliases (*name) are not read; write the value out, or quote it");
    finish(start(NodeType::null, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node node = start(NodeType::scalar, mark);
    node.text = value;
    finish(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(NodeType::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(NodeType::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    std::optional<Entry> entry;  // of a map whose key is read and whose value is not
  };

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    report_.add(position(mark), "anchors (&name) are not read; quote a text that begins with &");
  }
  // Every value has a tag: "?" when it is plain, "!" when it is quoted, "" for nothing.
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    report_.add(position(mark), "tags (!name) are not read; quote a text that begins with !");
  }
  Node start(NodeType type, const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) {
      throw YAML::ParserException(
          mark, "more than " + std::to_string(kMaxNodes) + " values, the most that are read");
    }
    Node node;
    node.type = type;
    node.at = position(mark);
    return node;
  }
  void open(NodeType type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (stack_.size() >= kMaxDepth) {
      throw YAML::ParserException(
          mark, "nested more than " + std::to_string(kMaxDepth) + " deep, the most that is read");
    }
    stack_.push_back({start(type, mark), std::nullopt});
  }
  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    finish(std::move(node));
  }
  // Hands a complete value to what contains it.
  void finish(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& parent = stack_.back();
    if (parent.node.type == NodeType::list) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.entry) {
      // yaml-cpp places "nothing" at the token that follows it, often lines away.
      if (node.type == NodeType::null) node.at = parent.entry->at;
      parent.entry->value = std::move(node);
      parent.node.entries.push_back(*std::exchange(parent.entry, std::nullopt));
    } else {
      if (node.type != NodeType::scalar) {
        report_.add(node.at, "the name of an option must be a word, found " + describe(node));
      }
      parent.entry = Entry{std::move(node.text), node.at, {}};
    }
  }

  Report& report_;
  Node root_;
  std::vector<Frame> stack_;
  std::size_t nodes_ = 0;
  bool started_ = false;
};

// Reads from a view without a copy.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    // std::streambuf wants char*; the get area is never written to.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

// The first line up to `last_line` that is indented with a tab, which YAML forbids; 0 when none is.
int tab_indented_line(std::string_view text, int last_line) {
  for (int line = 1; line <= last_line && !text.empty(); ++line) {
    const std::string_view rest = text.substr(std::min(text.find_first_not_of(' '), text.size()));
    if (rest.starts_with('\t')) return line;
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return 0;
}

void report_syntax(std::string_view text, const YAML::Exception& error, Report& report) {
  const Position at = position(error.mark);
  if (const int line = tab_indented_line(text, at.line); line > 0) {
    report.add({line, 1}, "a tab in the indentation; YAML allows spaces only");
    return;
  }
  report.add(at, "cannot read this as YAML (" + error.msg +
                     "); look at the indentation, at brackets, and quote texts that contain "
                     "': ' or ' #', or begin with a special character");
}

}  // namespace

Node scalar_node(std::string text) {
  Node node;
  node.type = NodeType::scalar;
  node.text = std::move(text);
  return node;
}

const Node* find(const Node& map, std::string_view key) {
  for (const Entry& entry : map.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string describe(const Node& node) {
  switch (node.type) {
    case NodeType::null:
      return "nothing";
    case NodeType::list:
      return "a list";
    case NodeType::map:
      return "a map";
    case NodeType::scalar:
      break;
  }
  return in_quotes(node.text);
}

std::optional<Node> parse_tree(std::string_view text, Report& report) {
  if (text.size() > kMaxFileBytes) {
    report.add({},
               "larger than " + std::to_string(kMaxFileBytes) + " bytes, the most that is read");
    return std::nullopt;
  }
  if (!check_encoding(text, report)) return std::nullopt;

  const std::size_t before = report.count();
  TreeBuilder builder(report);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    report_syntax(text, error, report);
  } catch (const std::exception& error) {
    report.add({}, std::string("cannot read this as YAML: ") + error.what());
  }
  if (report.count() > before) return std::nullopt;
  return builder.take();
}

}  // namespace sorrel::config
