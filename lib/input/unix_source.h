#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "input/file_source.h"
#include "input/frame_splitter.h"
#include "input/line_splitter.h"

namespace sorrel::input {

// The records that auditd's af_unix plugin serves on a stream socket (auditd listens, we connect).
// Its `format = string` and `format = binary` are told apart by the first byte of each connection.
//
// It never ends: when auditd goes away, it connects again, after 100 ms at first and 5 s at last.
// It never sleeps: while it is not connected, read() is idle and next_ready_ns() says when to ask.
class UnixSource final : public Source {
 public:
  static constexpr std::uint64_t kMinRetryMs = 100;
  static constexpr std::uint64_t kMaxRetryMs = 5'000;

  struct Counts {
    std::uint64_t connects = 0;  // that succeeded
    std::uint64_t failed_connects = 0;
    std::uint64_t bytes = 0;            // received
    std::uint64_t cut_lines = 0;        // longer than ReadLimits::max_line_bytes
    std::uint64_t cut_bytes = 0;        // what of them was left out
    std::uint64_t resyncs = 0;          // binary: a header was not where it had to be
    std::uint64_t skipped_bytes = 0;    // binary: lost there, and with the end of a connection
    std::uint64_t skipped_records = 0;  // binary: no events
  };

  // `clock` must outlive the source. Connects with the first read(). Errors: `path` is empty or
  // longer than a socket's may be.
  static Result<std::unique_ptr<UnixSource>> open(const std::string& path, const Clock& clock,
                                                  const ReadLimits& limits = {});

  // Never fails: a connection that breaks is idle, counted and logged.
  Result<ReadState> read(Batch& batch) override;
  // -1 while it is not connected: wait until next_ready_ns() then.
  int wait_fd() const noexcept override { return socket_.get(); }
  std::uint64_t next_ready_ns() const noexcept override { return socket_ ? kNever : retry_at_ns_; }

  bool connected() const noexcept { return static_cast<bool>(socket_); }
  Counts counts() const noexcept;

 private:
  enum class Format : std::uint8_t { unknown, text, binary };

  UnixSource(std::string path, const Clock& clock, const ReadLimits& limits);
  bool connect();
  void connect_failed(int error_number);
  void disconnect(Batch& batch, int error_number);
  void split(Batch& batch, bool at_end);

  std::string path_;
  const Clock& clock_;
  Fd socket_;
  Format format_ = Format::unknown;
  LineSplitter lines_;
  FrameSplitter frames_;
  CarryBuffer buffer_;
  std::uint64_t retry_at_ns_ = 0;
  std::uint64_t retry_ms_ = kMinRetryMs;
  int logged_error_ = 0;  // so that an auditd that stays away is logged once
  Counts counts_;
};

}  // namespace sorrel::input
