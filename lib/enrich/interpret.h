#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "enrich/call_arguments.h"
#include "record/field.h"
#include "record/field_class.h"
#include "record/record_type.h"

// What the numbers of a record mean, in the words of `ausearch -i` where it has any: exit=-13 is
// EACCES, a2=80000 of openat() is O_RDONLY|O_CLOEXEC, mode=0100644 is file,644. Names of users,
// groups, system calls and architectures are for enrich/names.h.
namespace sorrel::enrich {

// Room for any interpretation.
inline constexpr std::size_t kInterpretationSize = 1024;
struct InterpretationText {
  char text[kInterpretationSize];
};

// An argument that is a user or group id, for those who have a user database.
struct IdArgument {
  bool is_group = false;
  std::uint32_t id = 0;
};

// The system call that the arguments a0..a3 are of. Made from an event's SYSCALL record; views its
// fields.
class CallContext {
 public:
  // No call: no argument has a meaning.
  CallContext() = default;
  // Of the fields of a SYSCALL record.
  static CallContext of(std::span<const record::Field> syscall) noexcept;
  // The same for those who have read arch= and syscall= already.
  CallContext(std::uint32_t arch, std::uint32_t number,
              std::span<const record::Field> syscall) noexcept;
  // What the fields of a SOCKETCALL record are the arguments of: i386 and s390 have one system call
  // for all of socket(), connect() ...; this is its context.
  CallContext of_socket_call(std::span<const record::Field> socketcall) const noexcept;

  // False when none of a0..a3 has a meaning: the usual case.
  bool has_meanings() const noexcept { return plan_ != nullptr; }

  std::uint32_t arch() const noexcept { return arch_; }
  Meaning meaning(unsigned argument) const noexcept {
    return plan_ == nullptr ? Meaning{} : plan_->arguments[argument];
  }
  // The number that an argument has; nothing when the record lacks it or it is no hex number.
  std::optional<std::uint64_t> argument(unsigned i) const noexcept;

 private:
  void find_arguments(std::span<const record::Field> fields) noexcept;

  std::uint32_t arch_ = 0;
  const CallPlan* plan_ = nullptr;
  std::array<const record::Field*, 4> arguments_{};  // set when there is a plan
};

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

// The user or group id that an argument a0..a3 of a SYSCALL record is: of chown(), setuid() ...
// 4294967295 means that it is left as it is.
std::optional<IdArgument> argument_id(const record::Field& field, const CallContext& call) noexcept;

}  // namespace sorrel::enrich
