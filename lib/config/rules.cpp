#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {

Value rules_table(RulesOptions& o) {
  constexpr std::uint64_t kDayS = 86'400;
  return section({
      {"paths", list(o.paths, kFilePath)},
      {"drift", choice(o.drift, Words<Drift>{{"repair", Drift::repair},
                                             {"alert", Drift::alert},
                                             {"off", Drift::off}})},
      {"check_interval", seconds(o.check_s, 1, kDayS, "never")},
      {"keep_foreign", yes_no(o.keep_foreign)},
      {"written_form", yes_no(o.written_form)},
      {"narrow_folders", yes_no(o.narrow_folders)},
      {"merge", yes_no(o.merge)},
      {"never_first", yes_no(o.never_first)},
  });
}

}  // namespace sorrel::config
