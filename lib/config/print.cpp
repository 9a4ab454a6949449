#include "config/print.h"

#include "config/tables.h"
#include "config/tree.h"

namespace sorrel::config {

std::string to_yaml(const Options& options) {
  Options copy = options;  // tables refer to options that they could change
  return to_text(root_table(copy).write().value_or(Node{}));
}

}  // namespace sorrel::config
