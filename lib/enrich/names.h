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

  void annotate(event::Event& event);

 private:
  struct Upper {
    record::KeyRole role = record::KeyRole::none;
    std::string name;  // "UID" for uid
  };

  // The name that a field's text was given last: most fields of an event have the same id.
  struct Memo {
    static constexpr std::size_t kMaxText = 10;  // 4294967295
    char text[kMaxText] = {};
    std::size_t size = 0;
    std::string_view name;  // of the database
  };

  void annotate_record(event::Event& event, std::uint32_t index);
  void add_call(event::Event& event, std::uint32_t index, std::span<const record::Field> fields);
  void add_user(event::Event& event, std::uint32_t index, const record::Field& field);
  std::string_view unknown(event::Event& event, std::uint32_t id) const;

  const NameOptions options_;
  const host::UserDb* const users_;
  std::vector<Upper> upper_;  // by KeyId
  Memo memos_[2];             // of users, of groups
};

}  // namespace sorrel::enrich
