#include "sink/outage.h"

#include <cerrno>
#include <system_error>

#include "base/log.h"

namespace sorrel::sink {

DropReason drop_reason(int error) noexcept {
  switch (error) {
    case ENOSPC:
      return DropReason::no_space;
    case EDQUOT:
      return DropReason::quota;
    case EFBIG:
      return DropReason::too_large;
    case EIO:
      return DropReason::io_error;
    case EROFS:
      return DropReason::read_only;
    case ENOENT:
    case ENOTDIR:
    case ESTALE:
      return DropReason::no_file;
    case EPIPE:
      return DropReason::broken_pipe;
    default:
      return DropReason::other;
  }
}

void Outage::add_loss(int error, std::uint64_t frames, std::uint64_t bytes, std::uint64_t now_ns) {
  if (!is_active()) {
    begin_ns_ = now_ns;
    lost_frames_ = 0;
    lost_bytes_ = 0;
    log(Level::error, "output cannot be written, its events are dropped until it can",
        {{"output", subject_},
         {"reason", std::string(drop_reason_name(drop_reason(error)))},
         {"error", std::generic_category().message(error)}});
  }
  error_ = error;
  lost_frames_ += frames;
  lost_bytes_ += bytes;
}

void Outage::end(std::uint64_t now_ns) {
  if (!is_active()) return;
  error_ = 0;
  log(Level::warning, "output can be written again",
      {{"output", subject_},
       {"dropped_events", std::to_string(lost_frames_)},
       {"dropped_bytes", std::to_string(lost_bytes_)},
       {"seconds", std::to_string((now_ns - begin_ns_) / 1'000'000'000)}});
}

bool Outage::needs_new_descriptor() const noexcept {
  return is_active() && error_ != ENOSPC && error_ != EDQUOT && error_ != EFBIG;
}

}  // namespace sorrel::sink
