#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "encode/argv_json.h"
#include "event/event.h"
#include "record/argument_key.h"
#include "record/field.h"

namespace sorrel::encode {

// Goes through the fields of all EXECVE records of an event, in order.
class ExecveFields {
 public:
  ExecveFields(const event::Event& event, const event::Record& first)
      : event_(event), record_(&first), fields_(event.fields(first)) {}

  // The next field, or null at the end. Valid as long as the event.
  const record::Field* peek() {
    while (at_ == fields_.size()) {
      if (record_->next_same_type == event::Record::kNone) return nullptr;
      record_ = &event_.records()[record_->next_same_type];
      fields_ = event_.fields(*record_);
      at_ = 0;
    }
    return &fields_[at_];
  }
  void skip() { ++at_; }

 private:
  const event::Event& event_;
  const event::Record* record_;
  std::span<const record::Field> fields_;
  std::size_t at_ = 0;
};

inline bool is_argument(const record::Field& field) {
  return field.cls == record::FieldClass::argument ||
         field.cls == record::FieldClass::argument_length;
}

// The next field that is a part, or the length, of the argument; null behind the last.
inline const record::Field* next_part(ExecveFields& fields, const record::ArgumentKey& argument) {
  const record::Field* part = fields.peek();
  if (part == nullptr || !is_argument(*part)) return nullptr;
  const record::ArgumentKey of_part = record::parse_argument_key(part->key());
  const bool belongs =
      of_part.index == argument.index && of_part.kind != record::ArgumentKey::Kind::whole;
  return belongs ? part : nullptr;
}

// The fast way for what the kernel writes: a0, a1, a2 ... in order, each the next expected.
inline bool is_next_whole(const record::Field& field, std::size_t expected) {
  const std::string_view name = field.key();
  if (expected < 10) return name.size() == 2 && name[1] == static_cast<char>('0' + expected);
  return false;
}

// Decides which arguments have a place in ARGV: each that comes after those before it, as long as
// not too many are missing.
class Places {
 public:
  // The number of missing arguments before `index`, which has its place then; SIZE_MAX: none.
  std::size_t take(std::uint32_t index) {
    if (index < next_ || index - next_ > may_miss_) return SIZE_MAX;
    const std::size_t missing = index - next_;
    may_miss_ -= missing;
    next_ = index + std::size_t{1};
    return missing;
  }
  std::size_t next() const { return next_; }
  void take_next() { ++next_; }

 private:
  std::size_t next_ = 0;
  std::size_t may_miss_ = kMaxMissingArguments;
};

}  // namespace sorrel::encode
