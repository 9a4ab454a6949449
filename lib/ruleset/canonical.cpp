#include "ruleset/canonical.h"

#include <algorithm>
#include <cstdint>

#include "ruleset/fields.h"

namespace sorrel::ruleset {

Rule canonical(Rule rule) {
  rule.prepend = false;
  rule.mask.back() &= 0x0000ffff;
  if (rule.list == List::task) rule.mask.fill(0);
  for (Field& field : rule.fields) {
    if (has_text(field.id)) {
      field.value = static_cast<std::uint32_t>(field.text.size());
    } else if (field.id == field::kLoginuidSet && field.value <= 1) {
      const bool means_set = (field.value == 1) == (field.op == Op::equal);
      field = {field::kAuid, means_set ? Op::not_equal : Op::equal, 0xffffffff, {}};
    }
  }
  std::stable_partition(rule.fields.begin(), rule.fields.end(),
                        [](const Field& field) { return field.id != field::kKey; });
  return rule;
}

}  // namespace sorrel::ruleset
