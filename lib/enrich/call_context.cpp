#include "enrich/call_context.h"

#include "enrich/parse_number.h"
#include "record/field_class.h"
#include "record/tables/arch.h"

namespace sorrel::enrich {
namespace {

using record::Field;
namespace key = record::key;
static_assert(key::kA3 == key::kA0 + 3, "the arguments' keys are counted");

// Architectures whose setuid() and chown() are those of the first kernels; what has 32-bit ids
// there is called setuid32(). Source: CONFIG_UID16 in the Kconfig files of linux/arch.
bool has_short_ids(std::uint32_t arch) noexcept {
  return arch == record::arch::kI386 || arch == record::arch::kArm || arch == record::arch::kS390;
}

}  // namespace

CallContext CallContext::of(std::span<const Field> syscall) noexcept {
  std::optional<std::uint64_t> arch;
  for (const Field& field : syscall) {
    if (field.key_id == key::kArch) {
      arch = parse<std::uint64_t>(field.value(), 16);
      if (!arch || *arch > 0xffffffff) return {};
    } else if (field.key_id == key::kSyscall) {
      const std::optional<std::uint32_t> number = parse_decimal(field.value());
      if (!arch || !number) return {};
      return {static_cast<std::uint32_t>(*arch), *number, syscall};
    }
  }
  return {};
}

CallContext::CallContext(std::uint32_t arch, std::uint32_t number,
                         std::span<const Field> syscall) noexcept
    : arch_(arch), plan_(call_plan(arch, number)) {
  if (plan_ != nullptr) find_arguments(syscall);
}

CallContext CallContext::of_socket_call(std::span<const Field> socketcall) const noexcept {
  CallContext inner;
  const std::optional<std::uint64_t> number = argument(0);
  if (!number || *number > 0xffffffff) return inner;
  inner.arch_ = arch_;
  inner.plan_ = socket_call_plan(static_cast<std::uint32_t>(*number));
  if (inner.plan_ != nullptr) inner.find_arguments(socketcall);
  return inner;
}

void CallContext::find_arguments(std::span<const Field> fields) noexcept {
  for (const Field& field : fields) {
    if (field.key_id < key::kA0 || field.key_id > key::kA3) continue;
    arguments_[field.key_id - key::kA0] = &field;
    if (field.key_id == key::kA3) return;
  }
}

std::optional<std::uint64_t> CallContext::argument(unsigned i) const noexcept {
  const Field* const field = arguments_[i];
  if (field == nullptr) return std::nullopt;
  return parse<std::uint64_t>(field->value(), 16);
}

std::optional<IdArgument> argument_id(const Field& field, const CallContext& call) noexcept {
  if (!call.has_meanings() || field.key_id < key::kA0 || field.key_id > key::kA3) return {};
  const How how = call.meaning(static_cast<unsigned>(field.key_id - key::kA0)).how;
  const bool is_short = how == How::short_user || how == How::short_group;
  if (!is_short && how != How::user && how != How::group) return {};
  const std::optional<std::uint64_t> value = parse<std::uint64_t>(field.value(), 16);
  if (!value) return {};
  auto id = static_cast<std::uint32_t>(*value);
  if (is_short && has_short_ids(call.arch())) {
    id &= 0xffff;
    if (id == 0xffff) id = 0xffffffff;  // -1: not changed
  }
  return IdArgument{how == How::group || how == How::short_group, id};
}

}  // namespace sorrel::enrich
