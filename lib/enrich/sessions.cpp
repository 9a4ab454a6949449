#include "enrich/sessions.h"

#include <algorithm>

namespace sorrel::enrich {

Sessions::Sessions(std::uint32_t max_sessions) : max_sessions_(std::max(max_sessions, 1u)) {}

bool Sessions::open(std::uint32_t number, std::uint32_t auid, std::string_view id) {
  if (number == Session::kUnset) return false;
  Session session;
  session.number = number;
  session.auid = auid;
  session.opened_by = pack_id(id);
  place_of(number) = std::move(session);
  return true;
}

void Sessions::describe(std::uint32_t number, std::uint32_t auid, const SessionDetails& details) {
  if (number == Session::kUnset) return;
  Session& session = place_of(number);
  if (session.auid == Session::kUnset) session.auid = auid;
  // Another user's: its LOGIN record was missed, and nothing of the old session holds.
  if (session.auid != auid && auid != Session::kUnset) {
    session = Session{};
    session.number = number;
    session.auid = auid;
  }
  set_if_new(session.exe, details.exe);
  set_if_new(session.address, details.address);
  set_if_new(session.terminal, details.terminal);
  set_if_new(session.hostname, details.hostname);
}

// The known session of that number, or a place for it with nothing but the number.
Session& Sessions::place_of(std::uint32_t number) {
  if (const std::uint32_t known = index_.find(number); known != NumberIndex::kNone)
    return sessions_[known];
  std::uint32_t place = 0;
  if (sessions_.size() < max_sessions_) {
    place = static_cast<std::uint32_t>(sessions_.size());
    sessions_.emplace_back();
  } else {
    place = oldest_;
    oldest_ = (oldest_ + 1) % max_sessions_;
    index_.erase(sessions_[place].number);
    sessions_[place] = Session{};
    dropped_sessions_.add();
  }
  sessions_[place].number = number;
  index_.assign(number, place);
  return sessions_[place];
}

// "?" is what user space writes for "unknown".
void Sessions::set_if_new(std::string& text, std::string_view said) {
  if (!text.empty() || said.empty() || said == "?") return;
  if (said.size() > kMaxText) {
    dropped_texts_.add();
    return;
  }
  text = said;
}

}  // namespace sorrel::enrich
