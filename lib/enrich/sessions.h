#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "enrich/number_index.h"
#include "enrich/packed_id.h"

namespace sorrel::enrich {

// One login session: the kernel gives it a number, once a boot, when a process's auid is set.
struct Session {
  static constexpr std::uint32_t kUnset = 4'294'967'295;

  std::uint32_t number = kUnset;
  std::uint32_t auid = kUnset;
  PackedId opened_by;  // the LOGIN event; unknown when the session was seen by other records only
  std::string exe;     // who let the user in, and from where: empty where no record said it
  std::string address;
  std::string terminal;
  std::string hostname;
};

// What USER_LOGIN and USER_START say of a session. Empty: not said.
struct SessionDetails {
  std::string_view exe = {};
  std::string_view address = {};
  std::string_view terminal = {};
  std::string_view hostname = {};
};

// The sessions that were opened last, by number. Bounded: the one that was opened first goes first.
class Sessions {
 public:
  static constexpr std::size_t kMaxText = 255;  // longer texts are left out, counted

  explicit Sessions(std::uint32_t max_sessions = 4096);

  // A LOGIN record, `res=1`. A session of the same number that is known already is another boot's,
  // or another log's: it is replaced. Returns false for the number that means "none".
  bool open(std::uint32_t number, std::uint32_t auid, std::string_view id);
  // Adds what was not known yet; the session need not have been opened in our sight.
  void describe(std::uint32_t number, std::uint32_t auid, const SessionDetails& details);

  // Null: unknown. Valid until the next open() or describe().
  const Session* find(std::uint32_t number) const noexcept {
    const std::uint32_t place = index_.find(number);
    return place == NumberIndex::kNone ? nullptr : &sessions_[place];
  }

  std::size_t size() const noexcept { return index_.size(); }
  // The i-th of size(), the oldest first.
  const Session& at(std::size_t i) const noexcept {
    return sessions_[(oldest_ + i) % sessions_.size()];
  }
  std::uint64_t dropped_sessions() const noexcept { return dropped_sessions_.value(); }
  std::uint64_t dropped_texts() const noexcept { return dropped_texts_.value(); }

 private:
  friend class ProcessState;  // writes and restores them

  Session& place_of(std::uint32_t number);
  void set_if_new(std::string& text, std::string_view said);

  const std::uint32_t max_sessions_;
  std::vector<Session> sessions_;  // a ring, once it is full
  std::uint32_t oldest_ = 0;
  NumberIndex index_;
  Counter dropped_sessions_;
  Counter dropped_texts_;
};

}  // namespace sorrel::enrich
