#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/lru_cache.h"
#include "host/name_source.h"

namespace sorrel::host {

struct NameServiceOptions {
  std::size_t max_entries = 4096;  // of each kind: users, groups, lists of groups
  std::size_t max_groups = 1024;   // of one user; what is beyond is counted
  std::uint64_t found_age_ms = 1'800'000;
  std::uint64_t absent_age_ms = 300'000;
  std::uint64_t failed_age_ms = 10'000;  // a dead service is not asked for every event
};

struct NameServiceCounters {
  std::uint64_t cache_hits = 0;
  std::uint64_t asked = 0;
  std::uint64_t absent = 0;
  std::uint64_t failed = 0;
  std::uint64_t groups_dropped = 0;  // beyond max_groups
};

struct NameAnswer {
  NameState state = NameState::failed;
  std::string name;  // when found
};

struct GroupsAnswer {
  NameState state = NameState::failed;
  std::vector<std::string> names;  // when found, the primary group first; "#GID" without a name
};

// Names that the files do not know, and what was already answered: that nobody has an id, too.
// It belongs to one thread of the pool, since an answer may take as long as the service likes.
// `now_ms` is any clock that never steps back.
class NameService {
 public:
  NameService(NameSource& source, const NameServiceOptions& options);

  // From the cache, or by asking. Valid until the next call.
  const NameAnswer& user(std::uint32_t uid, std::uint64_t now_ms);
  const NameAnswer& group(std::uint32_t gid, std::uint64_t now_ms);
  const GroupsAnswer& groups_of(std::uint32_t uid, std::uint64_t now_ms);

  const NameServiceCounters& counters() const noexcept { return counters_; }

 private:
  template <class Answer>
  struct Aged {
    Answer answer;
    std::uint64_t until_ms = 0;
  };
  template <class Answer>
  using Cache = LruCache<std::uint32_t, Aged<Answer>>;

  template <class Answer, class Ask>
  const Answer& get(Cache<Answer>& cache, Answer& last, std::uint32_t id, std::uint64_t now_ms,
                    Ask ask);
  std::uint64_t age_ms(NameState state) const noexcept;

  NameSource& source_;
  const NameServiceOptions options_;
  NameServiceCounters counters_;
  Cache<NameAnswer> users_;
  Cache<NameAnswer> groups_;
  Cache<GroupsAnswer> lists_;
  // What was answered last, since a cache without room keeps nothing.
  NameAnswer last_name_;
  GroupsAnswer last_list_;
  std::vector<std::uint32_t> gids_;
};

}  // namespace sorrel::host
