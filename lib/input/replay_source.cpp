#include "input/replay_source.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "input/chain_source.h"
#include "input/line_splitter.h"
#include "input/rotation_order.h"

namespace sorrel::input {
namespace {

constexpr std::string_view kStampMark = "audit(";
constexpr std::uint64_t kMsPerSecond = 1000;
constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::uint64_t kMaxSeconds =
    std::numeric_limits<std::uint64_t>::max() / (kMsPerSecond * kNsPerMs) - 1;

// "audit(SECONDS.MILLISECONDS:" as ns, 0 when it is not there.
std::uint64_t stamp_ns(std::string_view payload) noexcept {
  if (!payload.starts_with(kStampMark)) return 0;
  const char* const end = payload.data() + payload.size();
  std::uint64_t seconds = 0;
  std::uint64_t milliseconds = 0;
  const auto dot = std::from_chars(payload.data() + kStampMark.size(), end, seconds);
  if (dot.ec != std::errc() || dot.ptr == end || *dot.ptr != '.' || seconds > kMaxSeconds) return 0;
  const auto colon = std::from_chars(dot.ptr + 1, end, milliseconds);
  if (colon.ec != std::errc() || milliseconds >= kMsPerSecond) return 0;
  return (seconds * kMsPerSecond + milliseconds) * kNsPerMs;
}

}  // namespace

std::uint64_t recorded_ns(const record::Datagram& datagram) noexcept {
  return datagram.received_ns != 0 ? datagram.received_ns : stamp_ns(datagram.payload);
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
