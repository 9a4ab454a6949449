#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "record/body.h"
#include "record/field_list.h"
#include "record/plain_run.h"
#include "record/prediction.h"
#include "record/record_type.h"

namespace sorrel::record {

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
  // What is rare, kept out of the way of what is not.
  [[gnu::noinline]] void parse_large(RecordType type, std::string_view body, Origin origin,
                                     FieldList& fields);
  [[gnu::noinline]] TypePredictions& prepare_slot(RecordType type);
  [[gnu::noinline]] void mark_predicted(TypePredictions& slot, std::span<Field> fields);
  [[gnu::noinline]] const Field* finish(TypePredictions& slot, const char* end, Origin origin,
                                        Field* first, const PlainRun& run);

  std::array<std::unique_ptr<TypePredictions>, kTypeSlots> predictions_;
  std::vector<std::uint32_t> repeat_table_;
  FieldList large_;
};

}  // namespace sorrel::record
