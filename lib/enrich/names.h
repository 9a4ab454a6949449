#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "enrich/call.h"
#include "event/event.h"
#include "host/user_db.h"

namespace sorrel::enrich {

// Answers for users whom the files do not have. Called on the pipeline's thread; never waits.
class MoreNames {
 public:
  virtual ~MoreNames() = default;
  // The name of a user or group, or nothing: it has none, or it is not known yet. Valid until the
  // next event.
  virtual std::optional<std::string_view> name(bool is_group, std::uint32_t id) = 0;
  // The names of a user's groups, the primary one first; empty: none, or not known yet. Valid until
  // the next call of either.
  virtual std::span<const std::string> groups_of(std::uint32_t uid) = 0;
};

// Adds the names of a record's numbers, in LAUREL's spelling: ARCH and SYSCALL, and each user and
// group. Numbers are never replaced.
class Names {
 public:
  // `users` and `more` may be null; they must outlive this.
  explicit Names(const host::UserDb* users, MoreNames* more = nullptr)
      : users_(users), more_(more) {}

  // ARCH and SYSCALL, wherever among the fields their numbers stand.
  static void add_call(std::span<const record::Field> fields, event::AnnotationList& out);
  // The same of a call that was read already.
  static void add_call(const Call& call, event::AnnotationList& out);
  // The name of a user or group.
  struct Name {
    std::string_view text;   // empty: the field is no number
    bool is_lasting = true;  // the same id has the same name for as long as this lives
    bool in_event = false;   // the text is in the event's memory, else in the database
  };
  // "unknown(1234)", as auditd and LAUREL have it, for one without a name.
  Name name(event::Event& event, const record::Field& field, bool is_group) const;
  Name name(event::Event& event, std::uint32_t id, bool is_group) const;
  // Adds it as `key`, which lives for ever. Nothing when it is no number.
  void add_user(event::Event& event, std::string_view key, const record::Field& field,
                bool is_group, event::AnnotationList& out) const;
  void add_user(event::Event& event, std::string_view key, std::uint32_t id, bool is_group,
                event::AnnotationList& out) const;
  // UID_GROUPS: the names of a user's groups, the primary one first; "#1234" for one without a
  // name. Of a user whom the files do not have, what `more` knows; nothing when that knows nothing.
  void add_groups(event::Event& event, std::uint32_t uid, event::AnnotationList& out);

 private:
  static constexpr std::size_t kGroupMemos = 64;
  // The names of the groups that came last.
  struct GroupMemo {
    std::uint32_t gid = 0;
    bool is_plain = true;
    std::string_view name;  // empty: nothing yet
  };

  std::optional<std::string_view> name_of(std::uint32_t id, bool is_group) const;
  void add_more_groups(event::Event& event, std::uint32_t uid, event::AnnotationList& out) const;

  const host::UserDb* const users_;
  MoreNames* const more_;
  std::array<GroupMemo, kGroupMemos> group_memos_;
};

}  // namespace sorrel::enrich
