#include "event/assembler.h"

#include <algorithm>
#include <cstring>

#include "record/stamp.h"

namespace sorrel::event {
namespace {

// In a file, an event that may be complete waits for so many further records. Real streams put the
// late ones (an AVC behind its PROCTITLE, the SYSCALL of a user message) within a few records; 4
// busy processes interleave theirs within dozens.
constexpr std::uint64_t kStoredLingerRecords = 512;

// Free events that keep their memory; those beyond (of a burst) give it back. In a file, as many as
// linger are in flight all the time.
constexpr std::size_t kKeptLive = 128;
constexpr std::size_t kKeptStored = kStoredLingerRecords;

constexpr std::uint64_t kMillisecond = 1'000'000;

std::uint32_t hash_node(std::string_view node) noexcept {
  std::uint32_t hash = node.empty() ? 0 : 2'166'136'261u;
  for (const char c : node) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
  return hash;
}

constexpr bool is_of_call(record::RecordType type) noexcept {
  return type >= record::type::kSyscall && type < record::type::kAvc && type != record::type::kEoe;
}

}  // namespace

Assembler::Assembler(const Options& options, TimeBase time_base, EventHandler& handler)
    : options_(options),
      time_base_(time_base),
      handler_(handler),
      table_(options.max_events + 1),
      recent_(kRecentIds) {}

void Assembler::add(const record::Datagram& datagram) {
  const std::string_view payload = datagram.payload;
  ++records_seen_;
  if (last_ != nullptr && payload.size() >= last_stamp_size_ && datagram.node.empty() &&
      !record::is_always_alone(datagram.type) && has_last_stamp(payload.data())) [[likely]] {
    // What append() comes down to for a further record of a call, in a stream with EOE records.
    if (is_of_call(datagram.type) && saw_eoe_ && !last_->links[Flight::kLingering].in_list &&
        !over_event_limits(last_->event)) {
      counters_.records.add();
      add_record(*last_, datagram, last_stamp_size_);
      if (bytes_ > options_.max_bytes) [[unlikely]]
        evict_to_limits(*last_);
    } else {
      append(*last_, datagram, last_stamp_size_);
    }
    return;
  }
  EventId id;
  std::string_view body;
  if (!record::parse_stamp(payload, id, body)) {
    counters_.unparsed.add();
    handler_.on_unparsed(datagram);
    return;
  }
  observe_stored_time(datagram, id);
  release_due();
  const auto body_offset = static_cast<std::size_t>(body.data() - payload.data());
  Flight& flight = find_or_start(id, datagram);
  last_ = nullptr;
  if (body_offset >= kStampHalf && body_offset <= last_stamp_.size() && datagram.node.empty() &&
      !record::is_always_alone(datagram.type)) {
    last_ = &flight;
    last_stamp_size_ = body_offset;
    std::memcpy(last_stamp_.data(), payload.data(), body_offset);
  }
  append(flight, datagram, body_offset);
}

// Two overlapping halves of fixed size instead of a call: "audit(1.000:1): " has 16 bytes.
bool Assembler::has_last_stamp(const char* payload) const noexcept {
  static_assert(kStampHalf * 2 == sizeof last_stamp_);
  const std::size_t second = last_stamp_size_ - kStampHalf;
  return std::memcmp(payload, last_stamp_.data(), kStampHalf) == 0 &&
         std::memcmp(payload + second, last_stamp_.data() + second, kStampHalf) == 0;
}

void Assembler::observe_stored_time(const record::Datagram& datagram, const EventId& id) {
  if (time_base_ != TimeBase::stored) return;
  const std::uint64_t time_ns =
      datagram.received_ns != 0 ? datagram.received_ns : id.time_ms() * kMillisecond;
  now_ns_ = std::max(now_ns_, time_ns);
}

Flight& Assembler::find_or_start(const EventId& id, const record::Datagram& datagram) {
  // auditd makes up the serials of its own records, so these never join another event.
  if (record::is_always_alone(datagram.type)) return start(id, 0, datagram);
  std::uint64_t hash = event_hash(id, hash_node(datagram.node));
  for (std::uint32_t slot = 0; (slot = table_.find(hash)) != IdTable::kNotFound; ++hash) {
    const Event& event = flights_[slot]->event;
    if (event.id == id && event.node == datagram.node) return *flights_[slot];
  }
  Flight& flight = start(id, hash, datagram);
  table_.insert(hash, flight.slot);
  return flight;
}

Flight& Assembler::start(const EventId& id, std::uint64_t hash, const record::Datagram& datagram) {
  if (free_.empty()) {
    flights_.push_back(std::make_unique<Flight>());
    flights_.back()->slot = static_cast<std::uint32_t>(flights_.size() - 1);
    free_.push_back(flights_.back().get());
  }
  Flight& flight = *free_.back();
  free_.pop_back();
  bare_ = std::min(bare_, free_.size());
  flight.event.id = id;
  flight.event.node = flight.event.copy(datagram.node);
  flight.hash = hash;
  flight.deadline_ns = now_ns_ + options_.timeout_ms * kMillisecond;
  flight.linger_until = 0;
  by_age_.push_back(flight);
  handler_.on_started(id, datagram.type, datagram.received_ns);
  return flight;
}

bool Assembler::over_event_limits(const Event& event) const noexcept {
  // An event has at least one record, whatever its limits are.
  const std::size_t records = event.records().size();
  return records != 0 &&
         (event.bytes() > options_.max_event_bytes || records >= options_.max_event_records);
}

void Assembler::append(Flight& flight, const record::Datagram& datagram, std::size_t body_offset) {
  Event& event = flight.event;
  counters_.records.add();
  if (datagram.type == record::type::kEoe) {
    event.has_eoe = saw_eoe_ = true;
    add_record(flight, datagram, body_offset);
    release(flight, Incomplete::no);
    return;
  }
  if (over_event_limits(event)) {
    ++event.dropped_records;
    counters_.dropped_records.add();
    return;
  }
  add_record(flight, datagram, body_offset);
  if (record::is_always_alone(datagram.type)) {
    release(flight, Incomplete::no);
    return;
  }
  // In a stream with EOE records only a user message ever begins to linger.
  if (!saw_eoe_ || flight.links[Flight::kLingering].in_list ||
      record::is_user_message(datagram.type))
    update_linger(flight, datagram.type);
  if (bytes_ > options_.max_bytes || table_.size() > options_.max_events) evict_to_limits(flight);
}

void Assembler::add_record(Flight& flight, const record::Datagram& datagram,
                           std::size_t body_offset) {
  const std::size_t before = flight.event.bytes();
  flight.event.add(datagram, body_offset, parser_);
  bytes_ += flight.event.bytes() - before;
}

// Decides whether the event may be complete with this record, and how long to wait for another.
void Assembler::update_linger(Flight& flight, record::RecordType type) {
  const bool user = record::is_user_message(type) && !flight.event.has_type(record::type::kSyscall);
  const bool stored = time_base_ == TimeBase::stored;
  const bool file_end = stored && !saw_eoe_ && type == record::type::kProctitle;
  if (flight.links[Flight::kLingering].in_list) lingering_.remove(flight);
  if (!user && !file_end &&
      !(stored && !saw_eoe_ && flight.event.has_type(record::type::kProctitle)))
    return;
  flight.linger_until = stored ? records_seen_ + kStoredLingerRecords
                               : now_ns_ + options_.user_linger_ms * kMillisecond;
  lingering_.push_back(flight);
}

void Assembler::release_due() {
  const std::uint64_t linger_now = time_base_ == TimeBase::stored ? records_seen_ : now_ns_;
  while (Flight* flight = lingering_.front()) {
    if (flight->linger_until > linger_now) break;
    release(*flight, Incomplete::no);
  }
  while (Flight* flight = by_age_.front()) {
    if (flight->deadline_ns > now_ns_) break;
    release(*flight, Incomplete::timeout);
  }
}

std::uint64_t Assembler::next_deadline_ns() const noexcept {
  std::uint64_t deadline = UINT64_MAX;
  if (by_age_.front() != nullptr) deadline = by_age_.front()->deadline_ns;
  if (time_base_ == TimeBase::live && lingering_.front() != nullptr)
    deadline = std::min(deadline, lingering_.front()->linger_until);
  return deadline;
}

void Assembler::evict_to_limits(const Flight& keep) {
  while (bytes_ > options_.max_bytes || table_.size() > options_.max_events) {
    Flight* oldest = by_age_.front();
    if (oldest == nullptr) return;
    // An event too large for all events together goes too, as it is.
    const bool alone = oldest == &keep && keep.links[Flight::kByAge].next == nullptr;
    if (oldest == &keep && !alone) oldest = keep.links[Flight::kByAge].next;
    release(*oldest, Incomplete::evicted);
    if (alone) return;
  }
}

void Assembler::flush() {
  while (Flight* flight = by_age_.front()) release(*flight, Incomplete::ended);
}

// A lone record without a system call never has an end to wait for, and a file written by auditd
// has none at all: only an event of a stream with EOE records, or a live one, can lack its own.
bool Assembler::lacks_its_end(const Event& event) const noexcept {
  if (event.has_eoe || (time_base_ == TimeBase::stored && !saw_eoe_)) return false;
  return event.has_type(record::type::kSyscall) || event.has_type(record::type::kUringop) ||
         event.records().size() > 1;
}

void Assembler::release(Flight& flight, Incomplete reason) {
  Event& event = flight.event;
  if (reason != Incomplete::no && !lacks_its_end(event)) reason = Incomplete::no;
  if (event.dropped_records != 0) reason = Incomplete::size;
  event.incomplete = reason;
  if (reason == Incomplete::timeout) counters_.timed_out.add();
  if (reason == Incomplete::evicted) counters_.evicted.add();
  if (reason == Incomplete::ended) counters_.ended.add();
  if (!record::is_always_alone(event.records().front().type)) {
    table_.erase(flight.hash);
    event.part = part_of(flight.hash);
  }
  if (event.part != 0) counters_.late_events.add();
  by_age_.remove(flight);
  lingering_.remove(flight);
  if (last_ == &flight) last_ = nullptr;
  counters_.events.add();
  bytes_ -= event.bytes();
  handler_.on_event(event);
  event.clear();
  free_.push_back(&flight);
  // The one that was used last is used next: the memory to give back is that of the first.
  const std::size_t kept = time_base_ == TimeBase::live ? kKeptLive : kKeptStored;
  if (free_.size() - bare_ > kept) free_[bare_++]->event.release_memory();
}

// How many events of this id were released before, as far as the last thousand ids tell.
std::uint32_t Assembler::part_of(std::uint64_t hash) {
  Recent& recent = recent_[hash & (kRecentIds - 1)];
  if (recent.hash == hash && recent.events != 0) return recent.events++;
  recent = {hash, 1};
  return 0;
}

}  // namespace sorrel::event
