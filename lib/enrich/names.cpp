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

Names::Name Names::name(Event& event, const Field& field, bool is_group) const {
  std::optional<std::uint32_t> id = decimal_number(field);
  // The kernel writes oauid as a signed number: -1 is 4294967295, "not set".
  if (!id && field.value().starts_with('-'))
    if (const auto negative = number<10, std::int32_t>(field); negative)
      id = static_cast<std::uint32_t>(*negative);
  return id ? name(event, *id, is_group) : Name{};
}

Names::Name Names::name(Event& event, std::uint32_t id, bool is_group) const {
  if (const std::optional<std::string_view> name = name_of(id, is_group)) return {.text = *name};
  const std::optional<std::string_view> more =
      more_ == nullptr ? std::nullopt : more_->name(is_group, id);
  if (more) return {.text = event.copy(*more), .is_lasting = false, .in_event = true};
  return {.text = with_number(event, "unknown(", id, ")"),
          .is_lasting = more_ == nullptr,
          .in_event = true};
}

void Names::add_user(Event& event, std::string_view key, const Field& field, bool is_group,
                     AnnotationList& out) const {
  if (const Name found = name(event, field, is_group); !found.text.empty())
    out.text(key, found.text);
}

void Names::add_user(Event& event, std::string_view key, std::uint32_t id, bool is_group,
                     AnnotationList& out) const {
  out.text(key, name(event, id, is_group).text);
}

void Names::add_groups(Event& event, std::uint32_t uid, AnnotationList& out) {
  if (users_ == nullptr) return;
  const std::span<const std::uint32_t> groups = users_->groups_of(uid);
  if (groups.empty()) return add_more_groups(event, uid, out);
  out.open_array("UID_GROUPS");
  for (const std::uint32_t gid : groups) {
    GroupMemo& memo = group_memos_[gid % kGroupMemos];
    if (memo.gid != gid || memo.name.empty()) {
      const std::string_view name = users_->group_name(gid).value_or(std::string_view{});
      memo = {gid, event::is_plain(name), name};
    }
    if (memo.name.empty()) {
      out.plain({}, with_number(event, "#", gid, {}));
    } else {
      out.text({}, memo.name, memo.is_plain);
    }
  }
  out.close();
}

void Names::add_more_groups(Event& event, std::uint32_t uid, AnnotationList& out) const {
  const std::span<const std::string> groups =
      more_ == nullptr ? std::span<const std::string>{} : more_->groups_of(uid);
  if (groups.empty()) return;
  out.open_array("UID_GROUPS");
  for (const std::string& name : groups) out.text({}, event.copy(name));
  out.close();
}

std::optional<std::string_view> Names::name_of(std::uint32_t id, bool is_group) const {
  if (users_ == nullptr) return std::nullopt;
  return is_group ? users_->group_name(id) : users_->user_name(id);
}

}  // namespace sorrel::enrich
