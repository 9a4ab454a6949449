#pragma once

#include <string>
#include <string_view>

#include "base/siphash.h"
#include "event/event.h"

namespace sorrel::event {

// Names events for the whole fleet: EVENT_UID is 128 bits over (host, boot, stamp, serial, part).
// The same event has the same uid wherever and however often it is encoded, live or from a file,
// when the same host id and boot id are given; so a receiver can drop duplicates.
class EventUid {
 public:
  // `host_id`: the machine-id; `boot_id`: the kernel's random boot id. When both are empty (a file
  // of unknown origin), the event's node, or `node` for events without one, stands for the host.
  EventUid(std::string_view host_id, std::string_view boot_id, std::string_view node);

  Hash128 of(const Event& event) noexcept;

 private:
  const Hash128& key_for(const Event& event) noexcept;

  bool by_node_;
  Hash128 key_;
  Hash128 node_key_{};  // for the node that came last
  std::string last_node_;
};

}  // namespace sorrel::event
