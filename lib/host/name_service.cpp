#include "host/name_service.h"

#include <utility>

namespace sorrel::host {

NameService::NameService(NameSource& source, const NameServiceOptions& options)
    : source_(source),
      options_(options),
      users_(options.max_entries),
      groups_(options.max_entries),
      lists_(options.max_entries) {}

std::uint64_t NameService::age_ms(NameState state) const noexcept {
  switch (state) {
    case NameState::found:
      return options_.found_age_ms;
    case NameState::absent:
      return options_.absent_age_ms;
    case NameState::failed:
      break;
  }
  return options_.failed_age_ms;
}

// `ask` fills the answer that is put into the cache. A service that fails takes no name away: the
// old answer is given until the service can be asked again.
template <class Answer, class Ask>
const Answer& NameService::get(Cache<Answer>& cache, Answer& last, std::uint32_t id,
                               std::uint64_t now_ms, Ask ask) {
  const Aged<Answer>* const there = cache.find(id);
  if (there != nullptr && now_ms < there->until_ms) {
    ++counters_.cache_hits;
    return there->answer;
  }
  Answer answer;
  ++counters_.asked;
  answer.state = ask(answer);
  const std::uint64_t until_ms = now_ms + age_ms(answer.state);
  if (answer.state == NameState::absent) ++counters_.absent;
  if (answer.state == NameState::failed) {
    ++counters_.failed;
    // `ask` may have made room in the cache.
    const Aged<Answer>* const old = cache.find(id);
    if (old != nullptr && old->answer.state == NameState::found) answer = old->answer;
  }
  last = answer;
  cache.put(id, {std::move(answer), until_ms});
  return last;
}

const NameAnswer& NameService::user(std::uint32_t uid, std::uint64_t now_ms) {
  return get(users_, last_name_, uid, now_ms,
             [&](NameAnswer& answer) { return source_.user_name(uid, answer.name); });
}

const NameAnswer& NameService::group(std::uint32_t gid, std::uint64_t now_ms) {
  return get(groups_, last_name_, gid, now_ms,
             [&](NameAnswer& answer) { return source_.group_name(gid, answer.name); });
}

const GroupsAnswer& NameService::groups_of(std::uint32_t uid, std::uint64_t now_ms) {
  return get(lists_, last_list_, uid, now_ms, [&](GroupsAnswer& answer) {
    const NameState state = source_.groups_of(uid, gids_);
    if (state != NameState::found) return state;
    if (gids_.size() > options_.max_groups) {
      counters_.groups_dropped += gids_.size() - options_.max_groups;
      gids_.resize(options_.max_groups);
    }
    for (const std::uint32_t gid : gids_) {
      const NameAnswer& name = group(gid, now_ms);
      answer.names.push_back(name.state == NameState::found ? name.name
                                                            : "#" + std::to_string(gid));
    }
    return state;
  });
}

}  // namespace sorrel::host
