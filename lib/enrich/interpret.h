#pragma once

#include <array>
#include <string_view>

#include "enrich/call_context.h"
#include "enrich/interpretation_text.h"
#include "record/field.h"
#include "record/field_class.h"
#include "record/record_type.h"

// What the numbers of a record mean, in the words of `ausearch -i` where it has any: exit=-13 is
// EACCES, a2=80000 of openat() is O_RDONLY|O_CLOEXEC, mode=0100644 is file,644. Names of users,
// groups, system calls and architectures are for enrich/names.h.
namespace sorrel::enrich {

// By KeyId: whether fields of this key may have an interpretation.
extern const std::array<bool, record::kKeyCount + 1> kInterpretedKeys;

// True when fields of this key may have an interpretation: a quick no for most.
inline bool may_interpret(record::KeyId key) noexcept {
  return kInterpretedKeys[key];
}

// What the number of `field`, which is in a record of `type`, means; empty when it has no name, is
// no number, or the key has no meaning. The view lives for ever or as long as `room` is not used
// again. Never throws, allocates nothing.
std::string_view interpret(record::RecordType type, const record::Field& field,
                           const CallContext& call, InterpretationText& room) noexcept;

}  // namespace sorrel::enrich
