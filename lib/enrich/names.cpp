#include "enrich/names.h"

#include <charconv>
#include <optional>

#include "enrich/field_text.h"
#include "record/tables/arch.h"
#include "record/tables/syscalls.h"

namespace sorrel::enrich {
namespace {

using event::AnnotationList;
using event::Event;
using record::Field;
namespace key = record::key;

// `before`, a number, `after`: in the event's memory.
std::string_view with_number(Event& event, std::string_view before, std::uint32_t number,
                             std::string_view after) {
  constexpr std::size_t kDigits = 10;
  char* const text = event.allocate(before.size() + kDigits + after.size());
  before.copy(text, before.size());
  char* end = std::to_chars(text + before.size(), text + before.size() + kDigits, number).ptr;
  end += after.copy(end, after.size());
  return {text, static_cast<std::size_t>(end - text)};
}

}  // namespace

void Names::add_call(std::span<const Field> fields, AnnotationList& out) {
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

void Names::add_call(const Call& call, AnnotationList& out) {
  const std::string_view arch = record::arch_name(call.arch);
  if (!arch.empty()) out.plain("ARCH", arch);
  if (!call.name.empty()) out.plain("SYSCALL", call.name);
}

void Names::add_user(Event& event, std::string_view key, const Field& field, bool is_group,
                     AnnotationList& out) {
  // Empty: no number.
  if (field.value_size - 1 >= ShortText::kMaxSize) [[unlikely]]
    return look_up(event, key, field, is_group, nullptr, out);
  const ShortText text = ShortText::of(field.value_data, field.value_size);
  Memo& memo = memos_[is_group ? 1 : 0][text.hash(kMemoBits)];
  if (memo.text == text) [[likely]]
    return out.text(key, memo.known.name, memo.known.is_plain);
  look_up(event, key, field, is_group, &memo, out);
}

// `memo`: where to keep a name of the database; may be null.
void Names::look_up(Event& event, std::string_view key, const Field& field, bool is_group,
                    Memo* memo, AnnotationList& out) {
  const std::optional<std::uint32_t> id = number<10>(field);
  if (!id) return;
  const std::optional<std::string_view> name = name_of(*id, is_group);
  if (!name) return add_user(event, key, *id, is_group, out);
  const bool is_plain = event::is_plain(*name);
  out.text(key, *name, is_plain);
  if (memo != nullptr)
    *memo = {ShortText::of(field.value_data, field.value_size), {*name, is_plain}};
}

void Names::add_user(Event& event, std::string_view key, std::uint32_t id, bool is_group,
                     AnnotationList& out) {
  if (const std::optional<std::string_view> name = name_of(id, is_group))
    return out.text(key, *name);
  const std::optional<std::string_view> more =
      more_ == nullptr ? std::nullopt : more_->name(is_group, id);
  if (more) return out.text(key, event.copy(*more));
  out.plain(key, with_number(event, "unknown(", id, ")"));
}

void Names::add_groups(Event& event, std::uint32_t uid, AnnotationList& out) {
  if (users_ == nullptr) return;
  const std::span<const std::uint32_t> groups = users_->groups_of(uid);
  if (groups.empty()) return;
  out.open_array("UID_GROUPS");
  for (const std::uint32_t gid : groups) {
    GroupMemo& memo = group_memos_[gid % group_memos_.size()];
    if (memo.gid != gid || memo.known.name.empty()) {
      const std::string_view name = users_->group_name(gid).value_or(std::string_view{});
      memo = {gid, {name, event::is_plain(name)}};
    }
    if (memo.known.name.empty()) {
      out.plain({}, with_number(event, "#", gid, {}));
    } else {
      out.text({}, memo.known.name, memo.known.is_plain);
    }
  }
  out.close();
}

std::optional<std::string_view> Names::name_of(std::uint32_t id, bool is_group) const {
  if (users_ == nullptr) return std::nullopt;
  return is_group ? users_->group_name(id) : users_->user_name(id);
}

}  // namespace sorrel::enrich
