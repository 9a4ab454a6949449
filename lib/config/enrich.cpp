#include "config/scalar.h"
#include "config/tables.h"

namespace sorrel::config {

Value enrich_table(EnrichOptions& o) {
  return section({
      {"names", yes_no(o.names)},
      {"user_names", yes_no(o.user_names)},
  });
}

}  // namespace sorrel::config
