#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "enrich/short_text.h"
#include "record/field_class.h"
#include "record/record_type.h"

namespace sorrel::enrich {

// What short values were found to mean, by key and type: the modes and capabilities of files, and
// the results of calls, are the same few. Only for meanings that follow from these three and that
// live for ever.
class MeaningMemo {
 public:
  struct Entry {
    ShortText text;  // empty: nothing yet
    record::KeyId key = record::kUnknownKey;
    record::RecordType type = 0;
    bool is_plain = true;
    std::string_view meaning;  // empty: it has none

    bool is_of(record::RecordType t, record::KeyId k, const ShortText& value) const noexcept {
      return text == value && key == k && type == t;
    }
  };

  // Where the meaning is, if it is anywhere: see is_of().
  Entry& at(record::KeyId key, const ShortText& text) noexcept {
    return entries_[(text.hash(kBits) + key) % entries_.size()];
  }

 private:
  static constexpr unsigned kBits = 6;
  std::array<Entry, 1u << kBits> entries_{};
};

}  // namespace sorrel::enrich
