#include "enrich/call.h"

#include "enrich/field_text.h"
#include "enrich/parse_number.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

using record::Field;

std::uint32_t decimal(const Field* field, std::uint32_t otherwise) noexcept {
  if (field == nullptr) return otherwise;
  return decimal_number(*field).value_or(otherwise);
}

std::int64_t signed_decimal(const Field& field) noexcept {
  if (field.value_size == 1 && *field.value_data == '0') [[likely]]
    return 0;
  std::int64_t value = 0;
  std::from_chars(field.value_data, field.value_data + field.value_size, value);
  return value;
}

}  // namespace

std::uint64_t Call::argument(std::size_t i) const noexcept {
  return parse<std::uint64_t>(arguments[i], 16).value_or(0);
}

std::string_view CallReader::name_of(std::uint32_t arch, std::uint32_t number) noexcept {
  if (arch != named_arch_ || number != named_number_) {
    named_arch_ = arch;
    named_number_ = number;
    name_ = record::syscall_name(arch, number);
  }
  return name_;
}

void CallReader::read_fields(event::Event& event, std::span<const Field> fields, Call& call) {
  call.arch = arches_.of(arch_.find(fields), 0,
                         [](const Field& field) { return number<16>(field).value_or(0); });
  call.number = numbers_.decimal(syscall_.find(fields), Call::kUnset);
  call.name = name_of(call.arch, call.number);
  const Field* const success = success_.find(fields);
  call.success = success != nullptr && success->value() == "yes";
  if (const Field* const exit = exit_.find(fields)) call.exit = signed_decimal(*exit);
  for (std::size_t i = 0; i < arguments_.size(); ++i)
    if (const Field* const argument = arguments_[i].find(fields))
      call.arguments[i] = argument->value();
  call.ppid = decimal(ppid_.find(fields), 0);
  call.pid = decimal(pid_.find(fields), 0);
  call.uid = uids_.decimal(uid_.find(fields), Call::kUnset);
  call.auid = auids_.decimal(auid_.find(fields), Call::kUnset);
  call.ses = sessions_.decimal(ses_.find(fields), Call::kUnset);
  if (const Field* const comm = comm_.find(fields)) call.comm = bytes_of(event, *comm);
  if (const Field* const exe = exe_.find(fields)) call.exe = bytes_of(event, *exe);
}

void CallReader::read(event::Event& event, Call& call) {
  call = Call{};
  if (!event.has_type(record::type::kSyscall)) return;
  for (std::uint32_t i = 0; i < event.records().size(); ++i) {
    const event::Record& r = event.records()[i];
    if (r.type != record::type::kSyscall) continue;
    call.record = i;
    return read_fields(event, event.fields(r), call);
  }
}

}  // namespace sorrel::enrich
