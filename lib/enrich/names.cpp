#include "enrich/names.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "enrich/field_text.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

using event::AnnotationList;
using event::Event;
using event::Record;
using record::Field;
using record::KeyRole;
namespace key = record::key;

bool is_enriched_by_auditd(std::span<const Field> fields) {
  return !fields.empty() && fields.back().enriched;
}

}  // namespace

Names::Names(const NameOptions& options, const host::UserDb* users)
    : users_(users), tasks_(record::kKeyCount + 1, Task::none), upper_(record::kKeyCount + 1) {
  if (options.numbers) tasks_[key::kArch] = Task::call;
  if (!options.users || users == nullptr) return;
  for (record::KeyId id = 1; id <= record::kKeyCount; ++id) {
    const record::KeyInfo& info = record::key_info(id);
    if (info.role != KeyRole::user && info.role != KeyRole::group) continue;
    tasks_[id] = info.role == KeyRole::user ? Task::user : Task::group;
    for (const char c : info.name)
      upper_[id] += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

// ARCH and SYSCALL come first, wherever their numbers stand. Most records have neither these nor a
// user, so one quick look at all fields comes before.
void Names::annotate(Event& event, std::uint32_t index, AnnotationList& out) {
  const Record& r = event.records()[index];
  const std::span<const Field> fields = event.fields(r);
  if (r.type == record::type::kEoe || is_enriched_by_auditd(fields)) return;
  bool has_users = false;
  bool has_call = false;
  for (const Field& field : fields) {
    const Task task = tasks_[field.key_id];
    if (task == Task::none) [[likely]]
      continue;
    (task == Task::call ? has_call : has_users) = true;
  }
  if (has_call) add_call(fields, out);
  if (!has_users) return;
  for (const Field& field : fields) {
    const Task task = tasks_[field.key_id];
    if (task < Task::user || field.inside || field.repeated != 0) continue;
    add_user(event, field, task, out);
  }
}

void Names::add_call(std::span<const Field> fields, AnnotationList& out) const {
  std::optional<std::uint32_t> arch;
  for (const Field& field : fields) {
    if (field.key_id == key::kArch) {
      arch = number<16>(field);
      if (!arch) return;
      const std::string_view name = record::arch_name(*arch);
      if (!name.empty()) out.plain("ARCH", name);
    } else if (field.key_id == key::kSyscall && arch) {
      const std::optional<std::uint32_t> call = number<10>(field);
      const std::string_view name = call ? record::syscall_name(*arch, *call) : std::string_view{};
      if (!name.empty()) out.plain("SYSCALL", name);
      return;
    }
  }
}

void Names::add_user(Event& event, const Field& field, Task task, AnnotationList& out) {
  const std::string_view text = field.value();
  const bool is_user = task == Task::user;
  // Longer texts, with leading zeros, share the place that is never set.
  const bool fits = text.size() <= kMaxIdText;
  Memo& memo = (is_user ? user_memos_ : group_memos_)[fits ? text.size() : 0];
  if (memo.is_set && std::equal(text.begin(), text.end(), memo.text)) {
    out.text(upper_[field.key_id], memo.name);
    return;
  }
  const std::optional<std::uint32_t> id = number<10>(field);
  if (!id) return;
  const std::optional<std::string_view> name =
      is_user ? users_->user_name(*id) : users_->group_name(*id);
  out.text(upper_[field.key_id], name ? *name : unknown(event, *id));
  if (!name || !fits) return;
  text.copy(memo.text, text.size());
  memo.is_set = true;
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
