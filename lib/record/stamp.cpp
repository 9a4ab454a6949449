#include "record/stamp.h"

#include <cstddef>
#include <limits>

#include "base/leading_digits.h"

namespace sorrel::record {
namespace {

constexpr std::string_view kStampPrefix = "audit(";
constexpr std::ptrdiff_t kMaxMillisecondDigits = 3;

// Reads decimal digits from `at` on, up to `end`; `at` moves behind them. False when there is none
// or when the number is above `limit`.
bool take_number(const char*& at, const char* end, std::uint64_t limit,
                 std::uint64_t& value) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const char* const first = at;
  const char* p = at;
  std::uint64_t number = 0;
  if (end - p >= 8) p += leading_digits(p, number);
  if (end - first < 8 || p - first == 8) {
    unsigned digit = 0;
    for (; p != end && (digit = static_cast<unsigned char>(*p) - unsigned{'0'}) <= 9; ++p) {
      if (number > kMax / 10 || number * 10 > kMax - digit) return false;
      number = number * 10 + digit;
    }
  }
  at = p;
  value = number;
  return p != first && number <= limit;
}

bool take_char(const char*& at, const char* end, char wanted) noexcept {
  if (at == end || *at != wanted) return false;
  ++at;
  return true;
}

}  // namespace

bool parse_stamp(std::string_view payload, EventId& id, std::string_view& body) noexcept {
  if (!payload.starts_with(kStampPrefix)) return false;
  const char* at = payload.data() + kStampPrefix.size();
  const char* const end = payload.data() + payload.size();
  std::uint64_t seconds = 0;
  std::uint64_t milliseconds = 0;
  std::uint64_t serial = 0;
  if (!take_number(at, end, kMaxStampSeconds, seconds) || !take_char(at, end, '.')) return false;
  const char* const fraction = at;
  if (!take_number(at, end, 999, milliseconds) || at - fraction > kMaxMillisecondDigits ||
      !take_char(at, end, ':')) {
    return false;
  }
  if (!take_number(at, end, std::numeric_limits<std::uint64_t>::max(), serial) ||
      !take_char(at, end, ')') || !take_char(at, end, ':')) {
    return false;
  }
  if (at != end && *at == ' ') ++at;
  id.seconds = seconds;
  id.milliseconds = static_cast<std::uint16_t>(milliseconds);
  id.serial = serial;
  body = std::string_view(at, static_cast<std::size_t>(end - at));
  return true;
}

}  // namespace sorrel::record
