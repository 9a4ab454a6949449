#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {

// node: kernel | none | hostname | fqdn | {fixed: NAME}
Value node_table(NodeOptions& node) {
  const Scalar kind = choice(node.kind, Words<NodeKind>{{"kernel", NodeKind::kernel},
                                                        {"none", NodeKind::none},
                                                        {"hostname", NodeKind::hostname},
                                                        {"fqdn", NodeKind::fqdn}});
  Value value(kind);
  value.has_short_form = true;
  value.fields = {{"fixed", text(node.text, kNodeName), Presence::required}};
  value.read = [&node, kind, fields = value.fields](const Node& written, Report& report) {
    if (written.type == NodeType::map) {
      read_section(fields, {}, written, report);
      node.kind = NodeKind::fixed;
    } else if (written.type != NodeType::scalar) {
      report_wrong_type(written, kind.wanted + ", or {fixed: NAME}", report);
    } else if (const std::string wrong = kind.parse(written.text); !wrong.empty()) {
      report.add_here(written.at, wrong + "; for a name of your own write {fixed: NAME}");
    }
  };
  value.write = [&node, kind, fields = value.fields]() -> std::optional<Node> {
    if (node.kind == NodeKind::fixed) return write_section(fields);
    return scalar_node(kind.print().value_or(""));
  };
  return value;
}

}  // namespace sorrel::config
