#include "config/scalar.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "config/nearest.h"

namespace sorrel::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first: the first that divides a number without remainder is the one it is printed in.
constexpr Unit kTimeUnits[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000},
                               {"m", 60'000},     {"s", 1'000},     {"ms", 1}};
constexpr Unit kByteUnits[] = {{"TiB", std::uint64_t{1} << 40},
                               {"TB", 1'000'000'000'000},
                               {"GiB", std::uint64_t{1} << 30},
                               {"GB", 1'000'000'000},
                               {"MiB", std::uint64_t{1} << 20},
                               {"MB", 1'000'000},
                               {"KiB", std::uint64_t{1} << 10},
                               {"kB", 1'000},
                               {"B", 1}};

std::string found(std::string_view wanted, std::string_view text, std::string_view reason = {}) {
  return "wanted " + std::string(wanted) + ", found " + in_quotes(text) + std::string(reason);
}

// Splits "16 MiB" into 16 and "MiB". False when it does not begin with digits or has too many.
bool split(std::string_view text, std::uint64_t& count, std::string_view& unit) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{}) return false;
  unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  return true;
}

std::string unit_names(std::span<const Unit> units) {
  std::vector<std::string_view> names;
  for (const Unit& unit : units) names.push_back(unit.name);
  return one_of(names);
}

std::string parse_units(std::string_view wanted, std::span<const Unit> units, std::string_view text,
                        std::uint64_t& number) {
  std::uint64_t count = 0;
  std::string_view name;
  if (!split(text, count, name)) return found(wanted, text);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (__builtin_mul_overflow(count, unit.factor, &number)) return found(wanted, text);
    return "";
  }
  return found(wanted, text, "; the unit is " + unit_names(units));
}

std::string print_units(std::span<const Unit> units, std::string_view space, std::uint64_t number) {
  if (number == 0) return "0";
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& u) { return number % u.factor == 0; });
  // The last unit's factor is 1.
  return std::to_string(number / unit->factor) + std::string(space) + std::string(unit->name);
}

constexpr std::string_view kWantedNumber = "a whole number such as 8192";
constexpr std::string_view kWantedTime = "a duration such as 30s or 500ms";
constexpr std::string_view kWantedSeconds = "a duration in whole seconds such as 30s or 2h";
constexpr std::string_view kWantedBytes = "a size such as 16 MiB";

std::string parse_whole(std::string_view text, std::uint64_t& number) {
  std::string_view rest;
  if (!split(text, number, rest) || !rest.empty()) return found(kWantedNumber, text);
  return "";
}

// Zero needs no unit.
std::string parse_duration(std::string_view wanted, std::string_view text, std::uint64_t& number) {
  if (text == "0") {
    number = 0;
    return "";
  }
  return parse_units(wanted, kTimeUnits, text, number);
}

std::string parse_time(std::string_view text, std::uint64_t& number) {
  return parse_duration(kWantedTime, text, number);
}

std::string parse_seconds(std::string_view text, std::uint64_t& number) {
  std::string wrong = parse_duration(kWantedSeconds, text, number);
  if (wrong.empty() && number % 1000 != 0) return found(kWantedSeconds, text);
  number /= 1000;
  return wrong;
}

std::string parse_bytes(std::string_view text, std::uint64_t& number) {
  if (parse_whole(text, number).empty()) return "";
  return parse_units(kWantedBytes, kByteUnits, text, number);
}

std::string print_time(std::uint64_t number) {
  return print_units(kTimeUnits, "", number);
}
std::string print_bytes(std::uint64_t number) {
  return print_units(kByteUnits, " ", number);
}

}  // namespace

constinit const NumberForm kWholeNumber = {
    kWantedNumber, parse_whole, [](std::uint64_t number) { return std::to_string(number); }};
constinit const NumberForm kMilliseconds = {kWantedTime, parse_time, print_time};
constinit const NumberForm kSeconds = {
    kWantedSeconds, parse_seconds, [](std::uint64_t number) { return print_time(number * 1000); }};
constinit const NumberForm kBytes = {kWantedBytes, parse_bytes, print_bytes};

std::string parse_number(const NumberForm& form, const Range& range, std::string_view text,
                         std::uint64_t& number) {
  const bool zero_allowed = !range.zero.empty();
  if (zero_allowed && text == range.zero) {
    number = 0;
    return "";
  }
  std::uint64_t value = 0;
  if (std::string wrong = form.parse(text, value); !wrong.empty()) {
    return zero_allowed ? wrong + "; or " + std::string(range.zero) : wrong;
  }
  const bool inside = value >= range.min && value <= range.max;
  if (!inside && !(value == 0 && zero_allowed)) {
    return std::string(text) + " is too " + (value < range.min ? "small" : "large") +
           "; allowed: " + form.print(range.min) + " to " + form.print(range.max) +
           (zero_allowed ? ", or " + std::string(range.zero) : "");
  }
  number = value;
  return "";
}

std::string print_number(const NumberForm& form, const Range& range, std::uint64_t number) {
  return number == 0 && !range.zero.empty() ? std::string(range.zero) : form.print(number);
}

std::string wanted_number(const NumberForm& form, const Range& range) {
  std::string wanted(form.wanted);
  if (!range.zero.empty()) wanted += ", or " + std::string(range.zero);
  return wanted;
}

Scalar yes_no(bool& target) {
  return choice(target, Words<bool>{{"yes", true},
                                    {"no", false},
                                    {"true", true},
                                    {"false", false},
                                    {"on", true},
                                    {"off", false}});
}

Scalar file_mode(std::uint32_t& target) {
  static constexpr std::string_view kWanted = "permission bits in octal such as 0640";
  return {std::string(kWanted),
          [&target](std::string_view text) -> std::string {
            std::string_view digits = text;
            if (digits.starts_with("0o")) digits.remove_prefix(2);
            std::uint32_t mode = 0;
            const char* end = digits.data() + digits.size();
            const auto [rest, error] = std::from_chars(digits.data(), end, mode, 8);
            if (error != std::errc{} || rest != end || digits.size() < 3 || mode > 0777) {
              return found(kWanted, text);
            }
            if ((mode & 0002) != 0) {
              return std::string(text) + " would let every user of the host change the log";
            }
            target = mode;
            return "";
          },
          [&target]() -> std::optional<std::string> {
            const auto digit = [&](unsigned shift) {
              return static_cast<char>('0' + ((target >> shift) & 7));
            };
            return std::string{'0', digit(6), digit(3), digit(0)};
          }};
}

std::string one_of(const std::vector<std::string_view>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string not_a_word(std::string_view text, const std::vector<std::string_view>& shown,
                       const std::vector<std::string_view>& known) {
  const std::string_view near = nearest(text, known);
  return found(one_of(shown), text,
               near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?");
}

}  // namespace sorrel::config
