#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sink/parcel.h"

namespace sorrel::sink {

// What one connection to a Splunk HTTP Event Collector has sent and has no acknowledgement for. A
// channel belongs to one connection: behind a load balancer, another indexer would not know its
// ids.
class HecAcks {
 public:
  using Time = Parcel::Time;

  HecAcks(std::chrono::milliseconds poll, std::chrono::milliseconds timeout)
      : poll_(poll), timeout_(timeout) {}

  // Returns what had this id before: it can never be confirmed any more.
  std::optional<Parcel> add(std::uint64_t id, Parcel parcel, Time now);
  // When to ask for them; nothing: there are none.
  std::optional<Time> next_question() const;
  // All ids to ask for; the next question is due a while later.
  std::vector<std::uint64_t> ask(Time now);
  // These are safe. Ids that were never given are passed by.
  std::vector<Parcel> confirm(std::span<const std::uint64_t> ids);
  // Those that have waited too long: they have to be sent again.
  std::vector<Parcel> expire(Time now);
  std::vector<Parcel> take_all();
  bool is_empty() const noexcept { return waiting_.empty(); }

 private:
  struct Sent {
    Parcel parcel;
    Time at;
  };

  std::chrono::milliseconds poll_;
  std::chrono::milliseconds timeout_;
  std::map<std::uint64_t, Sent> waiting_;
  Time next_{};
};

// A new channel's name: a random UUID (RFC 9562, version 4).
std::string make_channel();

}  // namespace sorrel::sink
