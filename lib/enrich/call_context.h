#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "enrich/call_arguments.h"
#include "record/field.h"

namespace sorrel::enrich {

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

// The user or group id that an argument a0..a3 of a SYSCALL record is: of chown(), setuid() ...
// 4294967295 means that it is left as it is.
std::optional<IdArgument> argument_id(const record::Field& field, const CallContext& call) noexcept;

}  // namespace sorrel::enrich
