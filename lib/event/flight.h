#pragma once

#include <cstdint>

#include "event/event.h"

namespace sorrel::event {

// An event in assembly, and its places in the assembler's lists.
struct Flight {
  enum ListId : std::uint8_t { kByAge, kLingering, kListCount };
  struct Link {
    Flight* previous = nullptr;
    Flight* next = nullptr;
    bool in_list = false;
  };

  Event event;
  std::uint32_t slot = 0;
  std::uint64_t hash = 0;          // of id and node
  std::uint64_t deadline_ns = 0;   // released then at the latest
  std::uint64_t linger_until = 0;  // live: ns; stored: number of records seen
  bool complete_after_linger = false;
  Link links[kListCount];
};

// A list through the flights' own links: nothing is allocated, and any member leaves in O(1).
template <Flight::ListId kList>
class FlightList {
 public:
  Flight* front() const noexcept { return first_; }

  void push_back(Flight& flight) noexcept {
    Flight::Link& link = flight.links[kList];
    link = {last_, nullptr, true};
    (last_ != nullptr ? last_->links[kList].next : first_) = &flight;
    last_ = &flight;
  }

  void remove(Flight& flight) noexcept {
    Flight::Link& link = flight.links[kList];
    if (!link.in_list) return;
    (link.previous != nullptr ? link.previous->links[kList].next : first_) = link.next;
    (link.next != nullptr ? link.next->links[kList].previous : last_) = link.previous;
    link = {};
  }

 private:
  Flight* first_ = nullptr;
  Flight* last_ = nullptr;
};

}  // namespace sorrel::event
