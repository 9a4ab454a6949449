#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "record/record_type.h"

namespace sorrel::agent {

// Which events an output wants: those with one of some rule keys, or with a record of one of some
// types. Without either, all. What the agent says of itself (SORREL_*, DAEMON_*) always passes: a
// collector that gets a part of the stream must still learn what is missing of it.
class EventFilter {
 public:
  // `keys`: as -k gives them, compared whole. `types`: numbers, as record::type_number() has them.
  EventFilter(std::vector<std::string> keys, std::vector<record::RecordType> types);

  bool wants_all() const noexcept { return keys_.empty() && types_.empty(); }
  bool wants(const event::Event& event) const;

 private:
  bool has_key(std::string_view key) const;
  bool has_key_of(const record::Field& field) const;

  std::vector<std::string> keys_;
  std::vector<record::RecordType> types_;
};

}  // namespace sorrel::agent
