#include "record/stamp.h"

#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>

namespace sorrel::record {
namespace {

constexpr std::string_view kStampPrefix = "audit(";
constexpr std::ptrdiff_t kMaxMillisecondDigits = 3;

// The number that eight bytes are, if all are digits; `number` stays as it was otherwise. In three
// steps neighbours become one: digits pairs, pairs fours, fours the whole.
bool eight_digits(const char* at, std::uint64_t& number) noexcept {
  std::uint64_t x = 0;
  std::memcpy(&x, at, sizeof x);
  if constexpr (std::endian::native == std::endian::big) x = __builtin_bswap64(x);
  x -= 0x3030303030303030;
  // A byte below '0' has wrapped round; one above '9' reaches the high half with 6 more.
  if (((x | (x + 0x0606060606060606)) & 0xf0f0f0f0f0f0f0f0) != 0) return false;
  x = (x * 10 + (x >> 8)) & 0x00ff00ff00ff00ff;
  x = (x * 100 + (x >> 16)) & 0x0000ffff0000ffff;
  number = (x * 10'000 + (x >> 32)) & 0xffffffff;
  return true;
}

// Reads decimal digits from `at` on, up to `end`; `at` moves behind them. False when there is none
// or when the number is above `limit`.
bool take_number(const char*& at, const char* end, std::uint64_t limit,
                 std::uint64_t& value) noexcept {
  // 19 digits fit into 64 bits whatever they are; only a 20th can overflow.
  constexpr std::ptrdiff_t kSafeDigits = 19;
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const auto digit_at = [](const char* p) {
    return static_cast<unsigned char>(*p) - unsigned{'0'};
  };
  const char* const first = at;
  const char* p = at;
  const char* const safe_end = end - p > kSafeDigits ? p + kSafeDigits : end;
  std::uint64_t number = 0;
  unsigned digit = 0;
  // The seconds and most serials have eight digits to begin with.
  if (end - p >= 8 && eight_digits(p, number)) p += 8;
  for (; p != safe_end && (digit = digit_at(p)) <= 9; ++p) number = number * 10 + digit;
  for (; p - first >= kSafeDigits && p != end && (digit = digit_at(p)) <= 9; ++p) {
    if (number > kMax / 10 || number * 10 > kMax - digit) return false;
    number = number * 10 + digit;
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
