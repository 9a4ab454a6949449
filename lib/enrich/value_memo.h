#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "enrich/short_text.h"

namespace sorrel::enrich {

// What short values were found to stand for. The ids, modes and results of a host's events are the
// same few, and an event has two dozen of them: a look here is all that nearly every one costs.
//
// Only for what follows from the value and its domain (what the value is a number of) for as long
// as this is used: not from other fields.
class ValueMemo {
 public:
  using Domain = std::uint32_t;
  static constexpr std::size_t kMaxOwnText = 24;

  struct Entry {
    ShortText value;  // empty: nothing yet
    Domain domain = 0;
    bool is_plain = true;
    bool is_own = false;    // `text` is in `own`, and changes when the place is used for another
    std::string_view text;  // empty: the value stands for nothing
    char own[kMaxOwnText] = {};

    bool is_of(Domain wanted, const ShortText& text_of_value) const noexcept {
      return value == text_of_value && domain == wanted;
    }
  };

  // The place of a value, which may be another's: see is_of().
  Entry& at(Domain domain, const ShortText& value) noexcept {
    return entries_[(value.hash(kBits) + domain) % entries_.size()];
  }

 private:
  static constexpr unsigned kBits = 7;
  std::array<Entry, 1u << kBits> entries_{};
};

}  // namespace sorrel::enrich
