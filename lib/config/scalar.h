#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"

// The forms in which one word of the file stands for a number, a switch or a choice.
namespace sorrel::config {

// A number as a person writes it: 8192, 500ms, 16 MiB. Values are counted in the form's smallest
// unit. parse() returns what is wrong, or "" and the number.
struct NumberForm {
  std::string_view wanted;
  std::string (*parse)(std::string_view text, std::uint64_t& number);
  std::string (*print)(std::uint64_t number);
};

extern const NumberForm kWholeNumber;
extern const NumberForm kMilliseconds;  // ms, s, min (or m), h, d; the unit is required, save for 0
extern const NumberForm kSeconds;       // the same in whole seconds
extern const NumberForm kBytes;         // B, KiB .. TiB, kB .. TB; no unit: bytes

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  std::string_view zero;  // a word that says 0 ("never"), which is then allowed besides the range
};

// The number in `text` when it has this form and lies within the range; else what is wrong with it.
std::string parse_number(const NumberForm& form, const Range& range, std::string_view text,
                         std::uint64_t& number);
std::string print_number(const NumberForm& form, const Range& range, std::uint64_t number);
std::string wanted_number(const NumberForm& form, const Range& range);

template <std::unsigned_integral T>
Scalar number_of(T& target, const NumberForm& form, Range range) {
  return {wanted_number(form, range),
          [&target, form, range](std::string_view text) {
            std::uint64_t number = 0;
            std::string wrong = parse_number(form, range, text, number);
            // The range of a table is within T's.
            if (wrong.empty()) target = static_cast<T>(number);
            return wrong;
          },
          [&target, form, range]() -> std::optional<std::string> {
            return print_number(form, range, target);
          }};
}

template <class T>
Scalar number(T& target, std::uint64_t min, std::uint64_t max) {
  return number_of(target, kWholeNumber, {min, max, {}});
}
template <class T>
Scalar milliseconds(T& target, std::uint64_t min, std::uint64_t max, std::string_view zero = {}) {
  return number_of(target, kMilliseconds, {min, max, zero});
}
template <class T>
Scalar seconds(T& target, std::uint64_t min, std::uint64_t max, std::string_view zero = {}) {
  return number_of(target, kSeconds, {min, max, zero});
}
template <class T>
Scalar bytes(T& target, std::uint64_t min, std::uint64_t max, std::string_view zero = {}) {
  return number_of(target, kBytes, {min, max, zero});
}

// yes or no; also true, false, on, off.
Scalar yes_no(bool& target);

// Permission bits in octal: 0640, 640 or 0o640. Bits for others to write are refused.
Scalar file_mode(std::uint32_t& target);

// What is wrong with a word that is none of `known`, of which the message lists `shown`.
std::string not_a_word(std::string_view text, const std::vector<std::string_view>& shown,
                       const std::vector<std::string_view>& known);
// "kernel, none or hostname"
std::string one_of(const std::vector<std::string_view>& words);

// One word of several. A value may have more than one word; the first is printed.
template <class T>
using Words = std::vector<std::pair<std::string_view, T>>;

template <class T>
Scalar choice(T& target, Words<T> words) {
  std::vector<std::string_view> all;
  std::vector<std::string_view> first;  // of each value: enough for a message
  for (auto word = words.begin(); word != words.end(); ++word) {
    all.push_back(word->first);
    const bool known = std::any_of(
        words.begin(), word, [&](const auto& before) { return before.second == word->second; });
    if (!known) first.push_back(word->first);
  }
  return {one_of(first),
          [&target, words, all, first](std::string_view text) -> std::string {
            for (const auto& [name, value] : words) {
              if (name == text) {
                target = value;
                return "";
              }
            }
            return not_a_word(text, first, all);
          },
          [&target, words]() -> std::optional<std::string> {
            for (const auto& [name, value] : words) {
              if (value == target) return std::string(name);
            }
            return std::nullopt;
          }};
}

// An option that may also be left as it is by the word "leave": nothing in the option struct.
// `make` gives the form of the value itself.
template <class T, class Make>
Scalar or_leave(std::optional<T>& target, Make make) {
  T unused{};
  const std::string wanted = make(unused).wanted + ", or leave";
  return {wanted,
          [&target, make](std::string_view text) -> std::string {
            if (text == "leave") {
              target.reset();
              return "";
            }
            T value{};
            std::string wrong = make(value).parse(text);
            if (wrong.empty()) target = value;
            return wrong.empty() ? wrong : wrong + "; or leave, to change nothing";
          },
          [&target, make]() -> std::optional<std::string> {
            if (!target) return "leave";
            T value = *target;
            return make(value).print();
          }};
}

}  // namespace sorrel::config
