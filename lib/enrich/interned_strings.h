#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/counter.h"

namespace sorrel::enrich {

struct InternedStringsLimits {
  std::uint32_t max_strings = 32'768;
  std::size_t max_bytes = 3'000'000;  // of the texts, with what each costs beside its bytes
};

// Keeps each text once and names it by a number. Counted references: a text that nobody refers to
// any more stays, for it tends to come back (a program that runs every minute), until room is
// needed; then the one that has been unused longest goes first. So both memory and the number of
// texts have limits that endless new names cannot pass.
class InternedStrings {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0;
  static constexpr std::size_t kMaxText = 4096;  // PATH_MAX
  // Readable bytes behind each text, so that it can be copied and escaped by blocks.
  static constexpr std::size_t kPadding = 16;

  explicit InternedStrings(const InternedStringsLimits& limits = {});

  // The text's number, with one reference for the caller; kNone for an empty text, for one longer
  // than kMaxText (counted), and when there is no room: every text is in use.
  Id intern(std::string_view text);
  void add_reference(Id id) noexcept { ++strings_[id].references; }
  void release(Id id) noexcept {
    if (--strings_[id].references == 0) [[unlikely]]
      set_aside(id);
  }

  // Valid while the caller has a reference. Empty for kNone.
  std::string_view text(Id id) const noexcept {
    const String& s = strings_[id];
    return {s.bytes, s.size};
  }
  // Printable ASCII that stands for itself in a JSON string, LAUREL's '%' and '+' excluded.
  bool is_plain(Id id) const noexcept { return strings_[id].is_plain; }

  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept;
  std::uint64_t too_long() const noexcept { return too_long_.value(); }
  std::uint64_t forgotten() const noexcept { return forgotten_.value(); }

 private:
  static constexpr char kEmpty[kPadding + 1] = {};
  struct String {
    const char* bytes = kEmpty;
    std::uint32_t references = 0;
    std::uint32_t hash = 0;
    Id next = kNone;  // in the queue of the unused, or of the free
    std::uint16_t size = 0;
    bool is_plain = true;
    bool is_queued = false;
  };
  struct Cell {
    std::uint32_t hash = 0;
    Id id = kNone;
  };

  std::uint32_t hash(std::string_view text) const noexcept;
  Id find_or_add(std::string_view text);
  Id add(std::string_view text, std::uint32_t hash);
  bool make_room(std::size_t cost);
  void set_aside(Id id) noexcept;
  void forget(Id id) noexcept;
  void erase_cell(Id id) noexcept;
  void grow();

  const InternedStringsLimits limits_;
  // Of id 0, the empty text, references are counted and mean nothing: no branch on the fast path.
  std::vector<String> strings_;
  std::vector<std::unique_ptr<char[]>> owned_;  // by id
  std::vector<Cell> cells_;                     // a power of two, at most half full
  std::size_t mask_;
  // What was found last, by a few of the text's bytes. It may be another text by now.
  static constexpr unsigned kMemoBits = 10;
  std::vector<Id> memo_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  Id free_ = kNone;
  Id oldest_unused_ = kNone;  // a queue; some of it may have come into use again
  Id newest_unused_ = kNone;
  std::uint64_t secret_[2];
  Counter too_long_;
  Counter forgotten_;
};

}  // namespace sorrel::enrich
