#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sorrel::sorrelctl {

// A part of PsRows' text.
struct PsText {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

// What tells a process from others with its pid. 0 is unknown.
struct PsKey {
  std::uint32_t pid = 0;
  std::uint64_t start_ms = 0;
  std::uint64_t event_ms = 0;
  std::uint64_t event_serial = 0;

  bool has_event() const noexcept { return event_ms != 0; }
};

struct PsProcess {
  PsKey key;
  PsKey parent;  // pid 0: only ppid is known of it
  std::uint32_t ppid = 0;
  std::uint32_t ses = kNoSession;
  std::uint64_t exited_ms = 0;  // 0: it runs
  PsText event_id;
  PsText comm;
  PsText exe;
  PsText user;  // the name of the login's user, or its number
  PsText unit;
  PsText container;

  static constexpr std::uint32_t kNoSession = UINT32_MAX;
  bool has_exited() const noexcept { return exited_ms != 0; }
};

// The rows of an answer (docs/control.md, "ps"), in little memory. Bounded: what is beyond the
// limits is counted, not kept.
class PsRows {
 public:
  static constexpr std::size_t kMaxRows = 1u << 20;
  static constexpr std::size_t kMaxTextBytes = 256u << 20;

  PsRows();
  ~PsRows();
  PsRows(const PsRows&) = delete;
  PsRows& operator=(const PsRows&) = delete;

  // Reads one row. Any bytes are safe: what is no row is counted.
  void add(std::string_view json);
  // By pid, then by start.
  void sort();

  const std::vector<PsProcess>& processes() const noexcept { return processes_; }
  // Valid until the next add().
  std::string_view text(PsText part) const noexcept {
    return std::string_view(text_).substr(part.at, part.size);
  }
  std::size_t unreadable() const noexcept { return unreadable_; }
  std::size_t dropped() const noexcept { return dropped_; }  // beyond the limits

 private:
  class Parser;
  PsText keep(std::string_view value);

  std::unique_ptr<Parser> parser_;
  std::vector<PsProcess> processes_;
  std::string text_;
  std::size_t unreadable_ = 0;
  std::size_t dropped_ = 0;
};

// "1700000000.123", or the part before the colon of "1700000000.123:45", in milliseconds; 0 when
// it is neither.
std::uint64_t moment_ms(std::string_view text) noexcept;

}  // namespace sorrel::sorrelctl
