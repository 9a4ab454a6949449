#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "enrich/call.h"
#include "enrich/short_text.h"
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
  // The name of one user or group, as `key`, which lives for ever. Nothing when it is no number.
  void add_user(event::Event& event, std::string_view key, const record::Field& field,
                bool is_group, event::AnnotationList& out);
  // The same of a number. "unknown(1234)", as auditd and LAUREL have it, for one without a name.
  void add_user(event::Event& event, std::string_view key, std::uint32_t id, bool is_group,
                event::AnnotationList& out);
  // UID_GROUPS: the names of a user's groups, the primary one first; "#1234" for one without a
  // name. Nothing for a user whose groups are not known.
  void add_groups(event::Event& event, std::uint32_t uid, event::AnnotationList& out);

 private:
  static constexpr unsigned kMemoBits = 6;
  struct Known {
    std::string_view name;  // of the database
    bool is_plain = true;
  };
  // The names of the ids that came last, by the ids' texts: an event has the same few in a dozen
  // fields.
  struct Memo {
    ShortText text;  // empty: nothing yet
    Known known;
  };
  struct GroupMemo {
    std::uint32_t gid = 0;
    Known known;  // without a name: nothing yet
  };

  std::optional<std::string_view> name_of(std::uint32_t id, bool is_group) const;
  void look_up(event::Event& event, std::string_view key, const record::Field& field, bool is_group,
               Memo* memo, event::AnnotationList& out);

  const host::UserDb* const users_;
  MoreNames* const more_;
  std::array<Memo, 1u << kMemoBits> memos_[2];  // of users, of groups
  std::array<GroupMemo, 1u << kMemoBits> group_memos_;
};

}  // namespace sorrel::enrich
