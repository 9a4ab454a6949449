#include "encode/stamp_text.h"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace sorrel::encode {
namespace {

constexpr std::uint64_t kDaySeconds = 86'400;

void put_two_digits(char* out, unsigned number) noexcept {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
}

void put_milliseconds(char* out, unsigned milliseconds) noexcept {
  out[0] = static_cast<char>('0' + milliseconds / 100 % 10);
  out[1] = static_cast<char>('0' + milliseconds / 10 % 10);
  out[2] = static_cast<char>('0' + milliseconds % 10);
}

}  // namespace

std::string_view StampText::iso8601(const EventId& id) noexcept {
  // "T12:29:23.720Z", whatever the length of the year is.
  constexpr std::size_t kTimeBytes = 14;
  if (const std::uint64_t day = id.seconds / kDaySeconds; day != iso_day_) {
    const auto seconds = static_cast<std::time_t>(id.seconds);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    const int size = std::snprintf(iso_.data(), iso_.size(), "%04d-%02d-%02dT00:00:00.000Z",
                                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
    iso_size_ = static_cast<std::size_t>(size);
    iso_day_ = day;
    iso_second_ = day * kDaySeconds;
  }
  if (id.seconds != iso_second_) {
    const auto second = static_cast<unsigned>(id.seconds % kDaySeconds);
    char* const time = iso_.data() + iso_size_ - kTimeBytes;
    put_two_digits(time + 1, second / 3600);
    put_two_digits(time + 4, second / 60 % 60);
    put_two_digits(time + 7, second % 60);
    iso_second_ = id.seconds;
  }
  put_milliseconds(iso_.data() + iso_size_ - 4, id.milliseconds);
  return {iso_.data(), iso_size_};
}

std::string_view StampText::id(const EventId& id) noexcept {
  if (id.seconds != id_second_) {
    char* out = std::to_chars(id_.data(), id_.data() + id_.size(), id.seconds).ptr;
    *out = '.';
    out[4] = ':';
    id_prefix_size_ = static_cast<std::size_t>(out + 5 - id_.data());
    id_second_ = id.seconds;
  }
  put_milliseconds(id_.data() + id_prefix_size_ - 4, id.milliseconds);
  char* const out = serials_.put(id.serial, id_.data() + id_prefix_size_);
  return {id_.data(), static_cast<std::size_t>(out - id_.data())};
}

}  // namespace sorrel::encode
