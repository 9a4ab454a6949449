#include "sorreld/intake.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "record/record_type.h"
#include "sorreld/ring_entry.h"

namespace sorrel::agent {
namespace {

// So much is shown to a sleeping pipeline at once while the source has more: waking it costs as
// much as ten records.
constexpr std::size_t kAnnounceBytes = 128 * 1024;
// What was not announced is after this: the rest of its event does not come.
constexpr std::uint64_t kPatienceNs = 10'000'000;
// How often a full ring is looked at, and whether the source's queue fills up: at 400,000 records a
// second this is a megabyte.
constexpr std::uint64_t kFullRingNs = 2'000'000;

// The kernel sends the records of a system call's event one after the other, with an EOE record at
// the end: before it, there is nothing that the pipeline could put out.
constexpr bool waits_for_more(record::RecordType type) noexcept {
  return type >= record::type::kSyscall && type < 1500 && type != record::type::kEoe;
}

}  // namespace

Intake::Intake(input::Source& source, Channel& channel, const Clock& clock, IntakeOptions options)
    : source_(source),
      channel_(channel),
      ring_(channel.ring()),
      clock_(clock),
      options_(std::move(options)) {}

void Intake::run() {
  while (!stop_.load(std::memory_order_relaxed)) {
    const std::uint64_t request = drain_request_.load();
    const auto state = source_.read(batch_);
    if (!put_batch()) break;
    if (!state) {
      counters_.errors.add();
      error_ = state.error();
      if (options_.error_ends) break;
      log(Level::error, "the input is damaged; what follows is read on",
          {{"error", error_.to_string()}});
      continue;
    }
    if (*state == input::ReadState::ended) break;
    if (*state == input::ReadState::more) {
      if (unannounced_bytes_ >= kAnnounceBytes) announce();
      continue;
    }
    if (is_prompt_ || request != 0) announce();
    if (request != 0) finish_drain(request);
    rest();
  }
  channel_.close();
  finish_drain(~std::uint64_t{0});
}

// Puts the whole batch into the ring, however long that takes; false: it was stopped meanwhile.
bool Intake::put_batch() {
  if (!batch_.empty()) ring_.rewind_if_empty();
  for (std::size_t i = 0; i < batch_.size();) {
    if (put(batch_[i])) {
      ++i;
      continue;
    }
    ring_.publish();
    announce();
    if (wait_for_room(entry_bound(batch_[i]))) continue;
    // A file that is not read to its end loses nothing.
    if (options_.must_drop) counters_.dropped.add(batch_.size() - i);
    if (stop_.load()) return false;
    break;
  }
  ring_.publish();
  counters_.records.add(put_);
  put_ = 0;
  rate_.add(batch_.size(), clock_.monotonic_ns());
  return true;
}

// False: there is no room.
bool Intake::put(const record::Datagram& datagram) {
  const std::size_t bound = entry_bound(datagram);
  if (bound > ring_.capacity_bytes() / 4) {
    counters_.oversize.add();
    return true;
  }
  const std::span<std::byte> entry = ring_.reserve(bound);
  if (entry.empty()) return false;
  ring_.push(write_entry(datagram, entry));
  ++put_;
  unannounced_bytes_ += bound;
  if (!waits_for_more(datagram.type)) is_prompt_ = true;
  return true;
}

// True when the ring has room for `size` bytes. False: the batch in hand is to be dropped, or the
// intake was stopped.
bool Intake::wait_for_room(std::size_t size) {
  Wakeup& wakeup = channel_.writer();
  channel_.want_room(true);
  bool has_room = false;
  while (!has_room && !stop_.load()) {
    wakeup.prepare();
    if (ring_.reserve(size).empty() && !stop_.load()) {
      wakeup.wait(options_.must_drop ? kFullRingNs : kPatienceNs);
    }
    wakeup.cancel();
    has_room = !ring_.reserve(size).empty();
    if (!has_room && options_.must_drop && options_.must_drop()) break;
  }
  channel_.want_room(false);
  return has_room;
}

void Intake::announce() {
  unannounced_bytes_ = 0;
  is_prompt_ = false;
  channel_.reader().notify();
}

// The source has nothing: waits for it, or naps when it will soon have much.
void Intake::rest() {
  const std::uint64_t nap_ns = rate_.nap_ns(options_.queue_bytes);
  const std::uint64_t now_ns = clock_.monotonic_ns();
  std::uint64_t timeout_ns = Wakeup::kForEver;
  int fd = source_.wait_fd();
  if (nap_ns != 0) {
    announce();
    counters_.naps.add();
    timeout_ns = nap_ns;
    fd = -1;
  } else if (const std::uint64_t ready_ns = source_.next_ready_ns();
             ready_ns != input::Source::kNever) {
    timeout_ns = ready_ns - std::min(ready_ns, now_ns);
  }
  if (unannounced_bytes_ != 0) timeout_ns = std::min(timeout_ns, kPatienceNs);
  Wakeup& wakeup = channel_.writer();
  wakeup.prepare();
  bool is_readable = false;
  if (!stop_.load() && drain_request_.load() == 0) is_readable = wakeup.wait(timeout_ns, fd);
  wakeup.cancel();
  if (!is_readable && unannounced_bytes_ != 0) announce();
}

void Intake::finish_drain(std::uint64_t request) {
  {
    const std::lock_guard lock(drain_mutex_);
    drained_ = std::max(drained_, request);
  }
  // A newer request stays.
  drain_request_.compare_exchange_strong(request, 0);
  drain_done_.notify_all();
}

bool Intake::drain(std::uint32_t timeout_ms) {
  std::unique_lock lock(drain_mutex_);
  if (drained_ == ~std::uint64_t{0}) return true;
  const std::uint64_t request = drained_ + 1;
  drain_request_.store(request);
  channel_.writer().notify();
  return drain_done_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                              [&] { return drained_ >= request; });
}

void Intake::stop() noexcept {
  stop_.store(true);
  channel_.writer().notify();
}

}  // namespace sorrel::agent
