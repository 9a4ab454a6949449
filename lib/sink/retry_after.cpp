#include "sink/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sorrel::sink {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t kLongest = 10LL * 365 * 86'400;

// Reads a date from left to right; the first thing that does not fit spoils it.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool is_good() const noexcept { return is_good_ && rest_.empty(); }
  void text(std::string_view expected) noexcept {
    if (rest_.substr(0, expected.size()) != expected) return spoil();
    rest_.remove_prefix(expected.size());
  }
  int number(std::size_t digits) noexcept {
    int value = 0;
    const char* const end = rest_.data() + std::min(digits, rest_.size());
    const auto [stop, error] = std::from_chars(rest_.data(), end, value);
    if (rest_.size() < digits || error != std::errc() || stop != end || value < 0) {
      spoil();
      return 0;
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // asctime() puts a blank before a day below 10.
  int padded_day() noexcept {
    if (rest_.substr(0, 1) != " ") return number(2);
    rest_.remove_prefix(1);
    return number(1);
  }
  unsigned month() noexcept {
    const auto found = std::find(kMonths.begin(), kMonths.end(), rest_.substr(0, 3));
    if (found == kMonths.end()) {
      spoil();
      return 1;
    }
    rest_.remove_prefix(3);
    return static_cast<unsigned>(found - kMonths.begin()) + 1;
  }
  std::int64_t time_of_day() noexcept {
    const int hours = number(2);
    text(":");
    const int minutes = number(2);
    text(":");
    const int seconds = number(2);
    if (hours > 23 || minutes > 59 || seconds > 60) spoil();
    return hours * 3'600 + minutes * 60 + seconds;
  }

 private:
  void spoil() noexcept {
    is_good_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool is_good_ = true;
};

std::optional<std::int64_t> epoch_seconds(int year, unsigned month, int day, std::int64_t time) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * 86'400LL + time;
}

std::optional<std::int64_t> parse_date(std::string_view value, std::int64_t now_s) {
  const std::size_t comma = value.find(',');
  int year = 0;
  int day = 0;
  unsigned month = 1;
  std::int64_t time = 0;
  // The name of the day says nothing that the date does not.
  if (comma == std::string_view::npos) {  // Sun Nov  6 08:49:37 1994
    Cursor at(value.substr(std::min<std::size_t>(4, value.size())));
    month = at.month();
    at.text(" ");
    day = at.padded_day();
    at.text(" ");
    time = at.time_of_day();
    at.text(" ");
    year = at.number(4);
    return at.is_good() ? epoch_seconds(year, month, day, time) : std::nullopt;
  }
  Cursor at(value.substr(comma + 1));
  at.text(" ");
  day = at.number(2);
  if (comma == 3) {  // Sun, 06 Nov 1994 08:49:37 GMT
    at.text(" ");
    month = at.month();
    at.text(" ");
    year = at.number(4);
  } else {  // Sunday, 06-Nov-94 08:49:37 GMT
    at.text("-");
    month = at.month();
    at.text("-");
    year = 1900 + at.number(2);
    // RFC 9110: a year that seems to be more than 50 years ahead is in the past.
    const std::int64_t now_year = 1970 + now_s / 31'556'952;
    while (year + 50 < now_year) year += 100;
  }
  at.text(" ");
  time = at.time_of_day();
  at.text(" GMT");
  return at.is_good() ? epoch_seconds(year, month, day, time) : std::nullopt;
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value,
                                                      std::int64_t now_s) noexcept {
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t seconds = kLongest;  // what does not fit is long enough
    std::from_chars(value.data(), value.data() + value.size(), seconds);
    return std::chrono::seconds(std::min(seconds, kLongest));
  }
  const auto at = parse_date(value, now_s);
  if (!at) return std::nullopt;
  return std::chrono::seconds(std::clamp<std::int64_t>(*at - now_s, 0, kLongest));
}

}  // namespace sorrel::sink
