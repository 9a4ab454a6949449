#include "netlink/heartbeat.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "netlink/message.h"

namespace sorrel::netlink {
namespace {

constexpr std::uint64_t kNsPerMs = 1'000'000;
constexpr std::string_view kOperation = "op=sorrel-heartbeat nonce=";
constexpr std::string_view kSequenceField = " seq=";
constexpr std::size_t kNonceDigits = 16;

bool take(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_number(std::string_view& text, std::uint64_t& number, int base) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

Result<Nonce> random_nonce() {
  Nonce nonce = 0;
  if (::getrandom(&nonce, sizeof nonce, 0) != sizeof nonce) {
    return fail_errno(errno, "cannot get random bytes for the heartbeat");
  }
  return nonce;
}

std::string heartbeat_text(Nonce nonce, std::uint64_t sequence) {
  std::string text(kOperation);
  char digits[kNonceDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(nonce));
  text.append(digits, kNonceDigits);
  text += kSequenceField;
  text += std::to_string(sequence);
  return text;
}

std::optional<std::uint64_t> parse_heartbeat(std::uint16_t type, std::string_view payload,
                                             Nonce nonce, std::uint32_t pid) noexcept {
  if (type != message::kTrustedApp) return std::nullopt;
  // audit(S.M:N): pid=P uid=... [subj=...] msg='op=... nonce=... seq=N'
  // Source: kernel/audit.c, audit_log_common_recv_msg(). The pid is the kernel's own statement.
  const std::size_t body = payload.find("): pid=");
  if (!payload.starts_with("audit(") || body == std::string_view::npos) return std::nullopt;
  std::string_view rest = payload.substr(body + 7);
  std::uint64_t number = 0;
  if (!take_number(rest, number, 10) || number != pid) return std::nullopt;
  const std::size_t message = rest.find(" msg='");
  if (message == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(message + 6);
  if (!take(rest, kOperation) || rest.size() < kNonceDigits) return std::nullopt;
  std::string_view digits = rest.substr(0, kNonceDigits);
  if (!take_number(digits, number, 16) || !digits.empty() || number != nonce) return std::nullopt;
  rest.remove_prefix(kNonceDigits);
  if (!take(rest, kSequenceField) || !take_number(rest, number, 10) || rest != "'") {
    return std::nullopt;
  }
  return number;
}

bool HeartbeatWatch::see(std::uint16_t type, std::string_view payload) noexcept {
  const auto sequence = parse_heartbeat(type, payload, nonce_, pid_);
  if (!sequence) return false;
  // One writer: no exchange is needed to keep the maximum.
  if (*sequence > seen_.load(std::memory_order_relaxed)) {
    seen_.store(*sequence, std::memory_order_release);
  }
  return true;
}

HeartbeatScheduler::HeartbeatScheduler(const HeartbeatOptions& options, const Clock& clock) noexcept
    : options_(options), clock_(clock) {}

std::uint64_t HeartbeatScheduler::interval_ns() const noexcept {
  const std::uint32_t ms =
      in_trouble() ? std::min(options_.trouble_ms, options_.calm_ms) : options_.calm_ms;
  return ms * kNsPerMs;
}

bool HeartbeatScheduler::due() const noexcept {
  if (options_.calm_ms == 0) return false;
  return sequence_ == 0 || clock_.monotonic_ns() - sent_ns_ >= interval_ns();
}

void HeartbeatScheduler::sent() noexcept {
  sent_ns_ = clock_.monotonic_ns();
  if (seen_ == sequence_) waiting_since_ns_ = sent_ns_;
  ++sequence_;
}

void HeartbeatScheduler::seen(std::uint64_t sequence) noexcept {
  sequence = std::min(sequence, sequence_);
  if (sequence <= seen_) return;
  const std::uint64_t came_back = sequence - seen_;
  seen_ = sequence;
  // Those still missing were sent at the latest with the newest.
  waiting_since_ns_ = sent_ns_;
  calm_beats_left_ -=
      static_cast<std::uint32_t>(std::min<std::uint64_t>(came_back, calm_beats_left_));
}

void HeartbeatScheduler::note_trouble() noexcept {
  calm_beats_left_ = kCalmBeats;
}

bool HeartbeatScheduler::overdue() const noexcept {
  return seen_ < sequence_ &&
         clock_.monotonic_ns() - waiting_since_ns_ >= options_.overdue_ms * kNsPerMs;
}

void HeartbeatScheduler::excuse() noexcept {
  seen_ = sequence_;
}

std::uint32_t HeartbeatScheduler::next_check_ms() const noexcept {
  if (options_.calm_ms == 0) return UINT32_MAX;
  if (sequence_ == 0) return 0;
  std::uint64_t at_ns = sent_ns_ + interval_ns();
  if (seen_ < sequence_) {
    at_ns = std::min(at_ns, waiting_since_ns_ + options_.overdue_ms * kNsPerMs);
  }
  const std::uint64_t now_ns = clock_.monotonic_ns();
  if (at_ns <= now_ns) return 0;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>((at_ns - now_ns + kNsPerMs - 1) / kNsPerMs, UINT32_MAX));
}

}  // namespace sorrel::netlink
