#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_list.h"
#include "record/record_type.h"

namespace sorrel::record {

// What must follow a record's body in memory, so that the parser can scan in blocks and stop
// without asking for the end at each byte: the sentinels, then bytes that may be read.
inline constexpr char kSentinel[2] = {' ', '"'};
inline constexpr std::size_t kPadding = 80;

// A record has at most so many fields; what follows is kept as one word. The kernel's own limit is
// far lower (an EXECVE record of 7500 bytes holds at most 1500 arguments).
inline constexpr std::size_t kMaxFields = 16'384;

// Where a record's body came from: only auditd's text has the 0x1d that precedes enriched fields;
// in the kernel's own payload 0x1d is a byte like any other.
enum class Origin : std::uint8_t { kernel, text };

// What the parser expects after a key: the key that followed it last time in this record type, as
// the field that it will make.
struct alignas(64) Prediction {
  // "key=" in its first bytes, and a bit for each of these. Nothing is predicted at first: the bit
  // for a byte that does not exist never matches.
  std::array<char, 16> text{};
  std::uint32_t mask = 1u << 16;
  Prediction* next = nullptr;      // what is expected after that field
  Plain plain_quoted = Plain::no;  // `plain` of that field when its value is quoted
  Field field{};                   // as it is with a bare value
};

// Splits record bodies into fields. Total over all bytes: whatever is not key=value is kept as
// words, so that the fields and the blanks between them always give the body back.
//
// It remembers which key followed which in each record type and compares with that first, which
// saves the look-up for nearly every key; the result never depends on what it remembers.
// Sources: linux/kernel/audit.c and auditsc.c, the audit_log_format() callers; audit-userspace's
// own messages (lib/audit_logging.c).
class Parser {
 public:
  Parser();

  // Appends the fields of `body` to `fields`. `body` must be followed by kSentinel and kPadding
  // readable bytes in all; the fields view it.
  void parse(RecordType type, std::string_view body, Origin origin, FieldList& fields);

 private:
  static constexpr std::size_t kTypeSlots = 64;  // direct-mapped by record type

  struct TypePredictions {
    RecordType type = 0;
    // A record whose keys are all predicted has no key twice up to this number of fields; 0 when
    // the predictions have changed since they were counted.
    std::size_t distinct_keys = 0;
    std::array<Prediction, kKeyCount + 1> after{};

    std::size_t count_distinct() const noexcept;
  };
  void parse_into(RecordType type, std::string_view body, Origin origin, FieldList& fields);
  void mark_predicted(TypePredictions& slot, std::span<Field> fields);

  std::array<std::unique_ptr<TypePredictions>, kTypeSlots> predictions_;
  std::vector<std::uint32_t> repeat_table_;
  FieldList large_;
};

// Rebuilds the body that [first, last) was parsed from; `body` tells only what stood between two
// fields (blanks, the 0x1d). Equal to `body` for every input: tests hold the parser to it.
std::string rebuild_body(const Field* first, const Field* last, std::string_view body);

}  // namespace sorrel::record
