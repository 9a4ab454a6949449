#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ruleset/lexer.h"

namespace sorrel::ruleset {

// The options of auditctl that a rules file may have.
enum class OptionId : std::uint8_t {
  append,      // -a
  prepend,     // -A
  remove,      // -d
  calls,       // -S
  field,       // -F
  comparison,  // -C
  watch,       // -w
  unwatch,     // -W
  permission,  // -p
  key,         // -k
  delete_all,  // -D
  enabled,     // -e
  failure,     // -f
  rate_limit,  // -r
  backlog_limit,
  backlog_wait_time,
  loginuid_immutable,
  reset_lost,
  reset_wait_time_actual,
  equivalent,     // -q
  trim,           // -t
  ignore_errors,  // -i
  go_on,          // -c
};

struct Option {
  OptionId id = OptionId::append;
  Word name;   // as written: "-F", "--reset-lost"
  Word value;  // when the option has one
};

// Reads the words of a line as getopt_long() does: `-k x`, `-kx`, `--backlog_wait_time=0`, short
// options without a value joined. What does not fit is told; the other options are given.
std::vector<Option> read_options(const Line& line, Findings& findings);

}  // namespace sorrel::ruleset
