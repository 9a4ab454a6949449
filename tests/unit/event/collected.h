#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/assembler.h"

namespace sorrel::test {

inline constexpr std::uint64_t kMs = 1'000'000;

// An event as it was released; copied, since the assembler reuses it.
struct Released {
  std::string id;                    // "SEC.MSEC:SERIAL"
  std::vector<std::string> records;  // "TYPE body"
  std::uint32_t part = 0;
  event::Incomplete incomplete = event::Incomplete::no;
  std::uint32_t dropped_records = 0;
  bool has_eoe = false;
  std::string node;
};

// Collects what an assembler releases.
class Collected final : public event::EventHandler {
 public:
  void on_event(event::Event& event) override {
    Released released;
    const auto ms = std::to_string(1000 + event.id.milliseconds).substr(1);
    released.id =
        std::to_string(event.id.seconds) + '.' + ms + ':' + std::to_string(event.id.serial);
    for (const event::Record& r : event.records())
      released.records.push_back(name_of(r).append(" ").append(r.body));
    released.part = event.part;
    released.incomplete = event.incomplete;
    released.dropped_records = event.dropped_records;
    released.has_eoe = event.has_eoe;
    released.node = event.node;
    events.push_back(released);
  }
  void on_started(const EventId& id, record::RecordType, std::uint64_t) override {
    started.push_back(id.serial);
  }
  void on_unparsed(const record::Datagram& datagram) override {
    unparsed.emplace_back(datagram.line);
  }

  // The ids of the events released so far, "1.000:7+2" for one of two records.
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Released& event : events)
      ids.push_back(event.id + '+' + std::to_string(event.records.size()));
    return ids;
  }

  std::vector<Released> events;
  std::vector<std::string> unparsed;
  std::vector<std::uint64_t> started;

 private:
  static std::string name_of(const event::Record& r) {
    if (!r.type_name.empty()) return std::string(r.type_name);
    const std::string_view name = record::type_name(r.type);
    return name.empty() ? std::to_string(r.type) : std::string(name);
  }
};

// An assembler with a clock that is moved by hand.
class Assembly {
 public:
  explicit Assembly(event::TimeBase time_base, const event::Options& options = {})
      : assembler(options, time_base, out) {
    assembler.set_time(now_ns_);
  }

  void line(const std::string& text) { assembler.add(record::parse_line(text)); }
  // "type=T msg=audit(1.000:SERIAL): a=1"
  void add(std::string_view type, std::uint64_t serial, std::string_view body = "a=1") {
    line("type=" + std::string(type) + " msg=audit(1.000:" + std::to_string(serial) +
         "): " + std::string(body));
  }
  void kernel(record::RecordType type, const std::string& payload) {
    record::Datagram datagram;
    datagram.type = type;
    datagram.payload = payload;
    assembler.add(datagram);
  }
  void advance(std::uint64_t ms) {
    now_ns_ += ms * kMs;
    assembler.set_time(now_ns_);
    assembler.release_due();
  }
  std::uint64_t now_ns() const { return now_ns_; }

  Collected out;
  event::Assembler assembler;

 private:
  std::uint64_t now_ns_ = 5'000 * kMs;
};

}  // namespace sorrel::test
