#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "input/options.h"
#include "input/source.h"

namespace sorrel::input {

// Gives another source's datagrams at the pace at which they were recorded: by the receive time of
// a recording, by the stamp of a text log. The first one is given at once. Time that steps back,
// and lines without a stamp, wait for nothing.
class ReplaySource final : public Source {
 public:
  // `clock` must outlive the source.
  ReplaySource(std::unique_ptr<Source> inner, const Clock& clock)
      : inner_(std::move(inner)), clock_(clock) {}

  // Idle while the next datagram is not due. Errors: those of the inner source, once all that it
  // gave before them was given.
  Result<ReadState> read(Batch& batch) override;

  int wait_fd() const noexcept override;
  std::uint64_t next_ready_ns() const noexcept override;

 private:
  std::uint64_t due_ns(const record::Datagram& datagram) noexcept;

  std::unique_ptr<Source> inner_;
  const Clock& clock_;
  Batch pending_;  // of the inner source, from next_ on not yet given
  std::size_t next_ = 0;
  std::optional<std::uint64_t> next_due_ns_;  // of pending_[next_], monotonic
  bool started_ = false;
  std::uint64_t first_recorded_ns_ = 0;
  std::uint64_t started_ns_ = 0;
  std::uint64_t last_due_ns_ = 0;
};

// When a datagram was received, else its stamp, ns since the epoch; 0 when it has neither.
std::uint64_t recorded_ns(const record::Datagram& datagram) noexcept;

// The source for Kind::replay: the files of `options.paths` in rotation order, paced when
// replay_in_recorded_time is set. Errors: a file that is not there.
Result<std::unique_ptr<Source>> open_replay(const Options& options, const Clock& clock);

}  // namespace sorrel::input
