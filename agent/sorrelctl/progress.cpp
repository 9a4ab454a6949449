#include "progress.h"

#include <unistd.h>

#include <cstdio>

namespace sorrel::sorrelctl {

using namespace std::chrono_literals;

ProgressLine::ProgressLine(bool wanted)
    : enabled_(wanted && ::isatty(STDERR_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 0),
      started_(Clock::now()),
      next_(started_ + 1s) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::update(const input::Progress& progress, std::uint64_t events) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + 200ms;
  shown_ = true;
  const double megabytes = static_cast<double>(progress.bytes_read) / 1e6;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  if (progress.bytes_total != 0) {
    const double share =
        static_cast<double>(progress.bytes_read) / static_cast<double>(progress.bytes_total);
    std::fprintf(stderr, "\r%3.0f %%  %.0f of %.0f MB  %llu events  %.0f MB/s\033[K", share * 100,
                 megabytes, static_cast<double>(progress.bytes_total) / 1e6,
                 static_cast<unsigned long long>(events), megabytes / seconds);
  } else {
    std::fprintf(stderr, "\r%.0f MB  %llu events  %.0f MB/s\033[K", megabytes,
                 static_cast<unsigned long long>(events), megabytes / seconds);
  }
  std::fflush(stderr);
}

}  // namespace sorrel::sorrelctl
