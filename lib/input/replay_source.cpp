#include "input/replay_source.h"

#include <algorithm>
#include <limits>

#include "input/chain_source.h"
#include "input/line_splitter.h"
#include "input/rotation_order.h"
#include "record/stamp.h"

namespace sorrel::input {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;

}  // namespace

std::uint64_t recorded_ns(const record::Datagram& datagram) noexcept {
  if (datagram.received_ns != 0) return datagram.received_ns;
  EventId id;
  std::string_view body;
  // kMaxStampSeconds keeps the product within 64 bits.
  return record::parse_stamp(datagram.payload, id, body) ? id.time_ms() * kNsPerMs : 0;
}

// The monotonic time at which it is due, never before that of the datagram before it.
std::uint64_t ReplaySource::due_ns(const record::Datagram& datagram) noexcept {
  const std::uint64_t recorded = recorded_ns(datagram);
  if (recorded == 0) return last_due_ns_;
  if (!started_) {
    started_ = true;
    first_recorded_ns_ = recorded;
    started_ns_ = clock_.monotonic_ns();
  }
  const std::uint64_t after_first = recorded - std::min(recorded, first_recorded_ns_);
  const std::uint64_t latest = std::numeric_limits<std::uint64_t>::max() - 1 - started_ns_;
  return std::max(last_due_ns_, started_ns_ + std::min(after_first, latest));
}

Result<ReadState> ReplaySource::read(Batch& batch) {
  batch.clear();
  batch.reserve(kMaxBatch);
  if (next_ == pending_.size()) {
    next_ = 0;
    auto state = inner_->read(pending_);
    if (!state || pending_.empty()) return state;
  }
  const std::uint64_t now_ns = clock_.monotonic_ns();
  while (next_ < pending_.size()) {
    if (!next_due_ns_) next_due_ns_ = due_ns(pending_[next_]);
    if (*next_due_ns_ > now_ns) break;
    last_due_ns_ = *next_due_ns_;
    next_due_ns_.reset();
    batch.push_back(pending_[next_++]);
  }
  return batch.empty() ? ReadState::idle : ReadState::more;
}

int ReplaySource::wait_fd() const noexcept {
  return next_due_ns_ ? -1 : inner_->wait_fd();
}

std::uint64_t ReplaySource::next_ready_ns() const noexcept {
  return next_due_ns_ ? *next_due_ns_ : inner_->next_ready_ns();
}

Result<std::unique_ptr<Source>> open_replay(const Options& options, const Clock& clock) {
  auto paths = rotation_order(options.paths);
  if (!paths) return Unexpected(std::move(paths).error());
  auto chain = ChainSource::open(*std::move(paths), {.max_line_bytes = options.max_line_bytes});
  if (!chain) return Unexpected(std::move(chain).error());
  std::unique_ptr<Source> source = *std::move(chain);
  if (options.replay_in_recorded_time) {
    source = std::make_unique<ReplaySource>(std::move(source), clock);
  }
  return source;
}

}  // namespace sorrel::input
