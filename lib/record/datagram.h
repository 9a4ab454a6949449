#pragma once

#include <cstdint>
#include <string_view>

#include "record/record_type.h"

namespace sorrel::record {

// One record as an input delivers it, whatever it was read from. Views into the input's buffer:
// they live until the input is asked for its next batch.
struct Datagram {
  RecordType type = 0;
  // "audit(SEC.MSEC:SERIAL): BODY", without a trailing newline or NUL. For a text line that is no
  // audit record: empty, and `line` holds it.
  std::string_view payload;
  // The whole text line, without its newline, when the record came as text; otherwise empty.
  std::string_view line;
  // The text after node=, when the line had one.
  std::string_view node;
  // The type's name as the line has it, set only for text (it may be one that no table knows).
  std::string_view type_name;
  // When it was received, ns since the epoch; 0 when the input does not tell (a log file).
  std::uint64_t received_ns = 0;
};

// Splits one line of auditd's text, "[node=N ]type=T msg=audit(S.M:N): BODY", into a Datagram that
// views it. Total: a line that does not have this form comes back with an empty payload. The stamp
// is only seen to begin; whoever needs it reads it with parse_stamp().
// Source: audit-userspace, auditd-event.c, format_raw() and its enriched twin.
Datagram parse_line(std::string_view line) noexcept;

}  // namespace sorrel::record
