#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "host/user_db.h"

namespace sorrel::enrich {

struct NameOptions {
  bool numbers = true;  // ARCH, SYSCALL beside arch and syscall
  bool users = true;    // UID, AUID, GID ... beside uid, auid, gid ...
};

// Annotates records with the names of their numbers, in LAUREL's order and spelling: ARCH and
// SYSCALL, then each user and group field in capitals. Numbers are never replaced. A name that
// auditd's ENRICHED format has put there already is not added again.
class Names {
 public:
  // `users` may be null: then only what needs no database is named. It must outlive this.
  Names(const NameOptions& options, const host::UserDb* users);

  // Adds to `out` the names of record `index`.
  void annotate(event::Event& event, std::uint32_t index, event::AnnotationList& out);

 private:
  // What is done for a field, by its key.
  enum class Task : std::uint8_t { none, call, user, group };
  static constexpr std::size_t kMaxIdText = 10;  // 4294967295
  // The name that a text was given last: most fields of an event have the same few ids.
  struct Memo {
    char text[kMaxIdText] = {};
    bool is_set = false;
    std::string_view name;  // of the database
  };

  void add_call(std::span<const record::Field> fields, event::AnnotationList& out) const;
  void add_user(event::Event& event, const record::Field& field, Task task,
                event::AnnotationList& out);
  std::string_view unknown(event::Event& event, std::uint32_t id) const;

  const host::UserDb* const users_;
  std::vector<Task> tasks_;         // by KeyId
  std::vector<std::string> upper_;  // by KeyId: "UID" for uid, where the task is user or group
  // By the text's length, so that 0, 1000 and 4294967295 are all kept. Of length 0 there is none.
  Memo user_memos_[kMaxIdText + 1];
  Memo group_memos_[kMaxIdText + 1];
};

}  // namespace sorrel::enrich
