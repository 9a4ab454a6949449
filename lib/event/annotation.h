#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/raw_list.h"

namespace sorrel::event {

// What one step adds to a record.
enum class Step : std::uint8_t {
  text,   // bytes; the encoder escapes them
  plain,  // text of printable ASCII without `"`, `\`, `%` and `+`: it needs no escape
  number,
  yes,     // true
  name,    // any bytes: the key of the step that follows, which has none itself
  object,  // steps with keys follow, up to its `end`
  array,   // steps without keys follow, up to its `end`
  end,
};

// One step of what the kernel did not say, added to a record by `enrich` and written by `encode`
// after the record's own fields. Keys are printable ASCII that needs no escape, but for Step::name.
// Keys and values live for ever (constants), as long as the database that they come from, or in the
// event's arena. Without defaults and of half a cache line, as record::Field: an event has dozens
// of them.
struct Annotation {
  const char* key_data;
  const char* value_data;
  std::uint64_t value;  // text, plain: the size; number: the number
  std::uint32_t key_size;
  Step step;

  std::string_view key() const noexcept { return {key_data, key_size}; }
  std::string_view text() const noexcept { return {value_data, value}; }
  std::uint64_t number() const noexcept { return value; }
};
static_assert(sizeof(Annotation) == 32, "two steps a cache line");

// Whether a text may be a Step::plain.
bool is_plain(std::string_view text) noexcept;

// The steps of an event's records, one record's after the other's.
class AnnotationList {
 public:
  // How deep objects and arrays may stand in each other.
  static constexpr unsigned kMaxDepth = 6;

  // In an array the key is empty.
  void text(std::string_view key, std::string_view value) { add(Step::text, key, value); }
  void plain(std::string_view key, std::string_view value) { add(Step::plain, key, value); }
  // For those who looked once whether the value is plain.
  void text(std::string_view key, std::string_view value, bool is_plain) {
    add(is_plain ? Step::plain : Step::text, key, value);
  }
  void yes(std::string_view key) { add(Step::yes, key, {}); }
  void number(std::string_view key, std::uint64_t value) {
    steps_.push_back(
        {key.data(), nullptr, value, static_cast<std::uint32_t>(key.size()), Step::number});
    bytes_ += key.size();
  }
  // A key that is not ours, such as the name of a variable.
  void name(std::string_view bytes) { add(Step::name, {}, bytes); }
  void open_object(std::string_view key) { add(Step::object, key, {}); }
  void open_array(std::string_view key) { add(Step::array, key, {}); }
  // Ends the object or array that was opened last.
  void close() { steps_.push_back({nullptr, nullptr, 0, 0, Step::end}); }

  std::span<const Annotation> steps() const noexcept { return steps_.items(); }
  bool empty() const noexcept { return steps_.size() == 0; }
  std::size_t size() const noexcept { return steps_.size(); }
  // Of the keys and values of all steps.
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  friend class Event;

  void add(Step step, std::string_view key, std::string_view value) {
    steps_.push_back(
        {key.data(), value.data(), value.size(), static_cast<std::uint32_t>(key.size()), step});
    bytes_ += key.size() + value.size();
  }
  // Keeps the memory of so many steps at the most.
  void clear(std::size_t kept) noexcept {
    bytes_ = 0;
    steps_.clear();
    if (steps_.capacity() > kept) steps_.release_memory();
  }

  RawList<Annotation> steps_;
  std::size_t bytes_ = 0;
};

}  // namespace sorrel::event
