#include "enrich/names.h"

#include <charconv>
#include <cstring>
#include <optional>

#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

using event::Event;
using event::Record;
using record::Field;
using record::KeyRole;
namespace key = record::key;

template <int kBase>
std::optional<std::uint32_t> number(const Field& field) {
  std::uint32_t value = 0;
  const char* const end = field.value_data + field.value_size;
  const auto [stop, error] = std::from_chars(field.value_data, end, value, kBase);
  if (error != std::errc{} || stop != end || field.value_size == 0) return std::nullopt;
  return value;
}

bool is_enriched_by_auditd(std::span<const Field> fields) {
  return !fields.empty() && fields.back().enriched;
}

}  // namespace

Names::Names(const NameOptions& options, const host::UserDb* users)
    : options_(options), users_(users), upper_(record::kKeyCount + 1) {
  for (record::KeyId id = 1; id <= record::kKeyCount; ++id) {
    const record::KeyInfo& info = record::key_info(id);
    if (info.role != KeyRole::user && info.role != KeyRole::group) continue;
    upper_[id].role = info.role;
    for (const char c : info.name)
      upper_[id].name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

void Names::annotate(Event& event) {
  for (std::uint32_t i = 0; i < event.records().size(); ++i) annotate_record(event, i);
}

void Names::annotate_record(Event& event, std::uint32_t index) {
  const Record& r = event.records()[index];
  const std::span<const Field> fields = event.fields(r);
  if (r.type == record::type::kEoe || is_enriched_by_auditd(fields)) return;
  if (options_.numbers) add_call(event, index, fields);
  if (!options_.users || users_ == nullptr) return;
  for (const Field& field : fields) {
    if (field.key_id == record::kUnknownKey || field.inside || field.repeated != 0) continue;
    if (upper_[field.key_id].role != KeyRole::none) add_user(event, index, field);
  }
}

void Names::add_call(Event& event, std::uint32_t index, std::span<const Field> fields) {
  std::optional<std::uint32_t> arch;
  for (const Field& field : fields) {
    if (field.key_id == key::kArch) {
      arch = number<16>(field);
      if (!arch) return;
      const std::string_view name = record::arch_name(*arch);
      if (!name.empty()) event.annotate({index, "ARCH", name});
    } else if (field.key_id == key::kSyscall && arch) {
      const std::optional<std::uint32_t> call = number<10>(field);
      const std::string_view name = call ? record::syscall_name(*arch, *call) : std::string_view{};
      if (!name.empty()) event.annotate({index, "SYSCALL", name});
      return;
    }
  }
}

void Names::add_user(Event& event, std::uint32_t index, const Field& field) {
  const Upper& upper = upper_[field.key_id];
  const bool is_user = upper.role == KeyRole::user;
  const std::string_view text = field.value();
  Memo& memo = memos_[is_user ? 0 : 1];
  if (memo.size == text.size() && !text.empty() &&
      std::memcmp(memo.text, text.data(), text.size()) == 0) {
    event.annotate({index, upper.name, memo.name});
    return;
  }
  const std::optional<std::uint32_t> id = number<10>(field);
  if (!id) return;
  const std::optional<std::string_view> name =
      is_user ? users_->user_name(*id) : users_->group_name(*id);
  event.annotate({index, upper.name, name ? *name : unknown(event, *id)});
  if (!name || text.size() > Memo::kMaxText) return;
  text.copy(memo.text, text.size());
  memo.size = text.size();
  memo.name = *name;
}

// "unknown(1234)", as auditd and LAUREL have it.
std::string_view Names::unknown(Event& event, std::uint32_t id) const {
  constexpr std::string_view kPrefix = "unknown(";
  char* const text = event.allocate(kPrefix.size() + 12);
  kPrefix.copy(text, kPrefix.size());
  char* end = std::to_chars(text + kPrefix.size(), text + kPrefix.size() + 10, id).ptr;
  *end++ = ')';
  return {text, static_cast<std::size_t>(end - text)};
}

}  // namespace sorrel::enrich
