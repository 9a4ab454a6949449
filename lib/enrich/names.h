#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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
  // The name of one user or group, as `key`, which lives for ever. Nothing when it is no number.
  void add_user(event::Event& event, std::string_view key, const record::Field& field,
                bool is_group, event::AnnotationList& out);
  // The same of a number. "unknown(1234)", as auditd and LAUREL have it, for one without a name.
  void add_user(event::Event& event, std::string_view key, std::uint32_t id, bool is_group,
                event::AnnotationList& out);
  // UID_GROUPS: the names of a user's groups, the primary one first; "#1234" for one without a
  // name. Nothing for a user whose groups are not known.
  void add_groups(event::Event& event, std::uint32_t uid, event::AnnotationList& out) const;

 private:
  static constexpr std::size_t kMaxIdText = 10;  // 4294967295
  // The name that a text was given last: most fields of an event have the same few ids.
  struct Memo {
    alignas(16) char text[16] = {};
    std::uint32_t mask = 1u << 16;  // of the text's bytes; at first of one that never matches
    std::string_view name;          // of the database
  };

  std::optional<std::string_view> name_of(std::uint32_t id, bool is_group) const;

  const host::UserDb* const users_;
  MoreNames* const more_;
  // By the text's length, so that 0, 1000 and 4294967295 are all kept. Of length 0 there is none.
  Memo user_memos_[kMaxIdText + 1];
  Memo group_memos_[kMaxIdText + 1];
};

}  // namespace sorrel::enrich
