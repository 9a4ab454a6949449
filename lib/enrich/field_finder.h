#pragma once

#include <cstddef>
#include <span>

#include "record/field.h"

namespace sorrel::enrich {

// Finds the field of one key in one record after the other. It stands where it stood in the record
// before, nearly always, so that is where to look first.
class FieldFinder {
 public:
  explicit FieldFinder(record::KeyId key) noexcept : key_(key) {}

  // The record's own field, neither one inside a message nor one that auditd added, the first when
  // there are more. Null: there is none.
  const record::Field* find(std::span<const record::Field> fields) noexcept {
    if (place_ < fields.size() && is_wanted(fields[place_])) [[likely]]
      return &fields[place_];
    return search(fields);
  }

 private:
  bool is_wanted(const record::Field& field) const noexcept {
    return field.key_id == key_ && !field.inside && !field.enriched && field.repeated == 0;
  }
  [[gnu::noinline]] const record::Field* search(std::span<const record::Field> fields) noexcept {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!is_wanted(fields[i])) continue;
      place_ = i;
      return &fields[i];
    }
    return nullptr;
  }

  const record::KeyId key_;
  std::size_t place_ = 0;
};

}  // namespace sorrel::enrich
