#include "enrich/call.h"

#include "enrich/field_text.h"
#include "enrich/parse_number.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

using record::Field;
namespace key = record::key;

// from_chars costs three times as much.
std::uint32_t decimal(const Field& field, std::uint32_t otherwise) noexcept {
  return decimal_number(field).value_or(otherwise);
}

std::int64_t signed_decimal(std::string_view text) noexcept {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void take(event::Event& event, const Field& field, Call& call) {
  switch (field.key_id) {
    case key::kArch:
      call.arch = number<16>(field).value_or(0);
      return;
    case key::kSyscall:
      call.number = decimal(field, Call::kUnset);
      return;
    case key::kSuccess:
      call.success = field.value() == "yes";
      return;
    case key::kExit:
      call.exit = decimal_number(field) ? *decimal_number(field) : signed_decimal(field.value());
      return;
    case key::kA0:
    case key::kA1:
    case key::kA2:
    case key::kA3:
      call.arguments[static_cast<std::size_t>(field.key_id - key::kA0)] = field.value();
      return;
    case key::kPpid:
      call.ppid = decimal(field, 0);
      return;
    case key::kPid:
      call.pid = decimal(field, 0);
      return;
    case key::kUid:
      call.uid = decimal(field, Call::kUnset);
      return;
    case key::kAuid:
      call.auid = decimal(field, Call::kUnset);
      return;
    case key::kSes:
      call.ses = decimal(field, Call::kUnset);
      return;
    case key::kComm:
      call.comm = bytes_of(event, field);
      return;
    case key::kExe:
      call.exe = bytes_of(event, field);
      return;
    default:
      return;
  }
}

}  // namespace

std::uint64_t Call::argument(std::size_t i) const noexcept {
  return parse<std::uint64_t>(arguments[i], 16).value_or(0);
}

Call read_call(event::Event& event) {
  Call call;
  if (!event.has_type(record::type::kSyscall)) return call;
  for (std::uint32_t i = 0; i < event.records().size(); ++i) {
    const event::Record& r = event.records()[i];
    if (r.type != record::type::kSyscall) continue;
    call.record = i;
    for (const Field& field : event.fields(r)) {
      if (field.enriched) break;
      if (field.repeated == 0 && !field.inside) take(event, field, call);
    }
    call.name = record::syscall_name(call.arch, call.number);
    return call;
  }
  return call;
}

}  // namespace sorrel::enrich
