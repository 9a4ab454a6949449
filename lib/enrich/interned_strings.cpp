#include "enrich/interned_strings.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "event/annotation.h"

namespace sorrel::enrich {
namespace {

constexpr std::size_t kFirstCells = 256;
// What malloc() adds to an allocation, on the safe side.
constexpr std::size_t kAllocationBytes = 16;

std::size_t cost_of(std::size_t size) noexcept {
  return size + InternedStrings::kPadding + kAllocationBytes;
}

std::uint64_t word(const char* bytes) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, 8);
  return value;
}

// The first `size` bytes, 0 to 7.
std::uint64_t short_word(const char* bytes, std::size_t size) noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  if (size >= 4) {
    std::memcpy(&low, bytes, 4);
    std::memcpy(&high, bytes + size - 4, 4);
    return low | std::uint64_t{high} << 32;
  }
  if (size == 0) return 0;
  const auto byte = [&](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(bytes[i])};
  };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

// All 128 bits of a product, folded.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// memcmp() for the few words of a name, without the call.
bool are_equal(const char* bytes, std::string_view text) noexcept {
  const char* p = text.data();
  const std::size_t size = text.size();
  if (size < 8) return short_word(bytes, size) == short_word(p, size);
  std::uint64_t difference = word(bytes + size - 8) ^ word(p + size - 8);
  for (std::size_t i = 0; i + 8 < size; i += 8) difference |= word(bytes + i) ^ word(p + i);
  return difference == 0;
}

}  // namespace

InternedStrings::InternedStrings(const InternedStringsLimits& limits)
    : limits_(limits),
      strings_(1),
      owned_(1),
      cells_(kFirstCells),
      mask_(kFirstCells - 1),
      memo_(1u << kMemoBits) {
  secret_[0] = 0x9e3779b97f4a7c15;
  secret_[1] = 0xbf58476d1ce4e5b9;
  // Fails only before the kernel's random numbers are seeded, where the fixed ones have to do.
  [[maybe_unused]] const ssize_t count = ::getrandom(secret_, sizeof(secret_), GRND_NONBLOCK);
}

// Products of the text's words with secrets: quick for names of ten to forty bytes, and nobody
// outside can choose names that collide.
inline std::uint32_t InternedStrings::hash(std::string_view text) const noexcept {
  const char* p = text.data();
  std::size_t left = text.size();
  std::uint64_t h = secret_[0] + left;
  if (left < 8) {
    h = fold(short_word(p, left) ^ h, secret_[1]);
  } else {
    for (; left > 16; left -= 16, p += 16) h = fold(word(p) ^ h, word(p + 8) ^ secret_[1]);
    // The last 16 bytes may be counted twice in part; of fewer there are 8 at least.
    const char* const end = p + left;
    h = fold(word(left >= 8 ? p : end - 8) ^ h, word(end - 8) ^ secret_[1]);
  }
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

InternedStrings::Id InternedStrings::intern(std::string_view text) {
  constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
  const std::size_t size = text.size();
  if (size - 1 >= kMaxText) [[unlikely]] {
    if (size != 0) too_long_.add();
    return kNone;
  }
  const std::uint64_t end =
      size >= 8 ? word(text.data() + size - 8) : short_word(text.data(), size);
  Id& memo = memo_[((end ^ size) * kMixer) >> (64 - kMemoBits)];
  if (String& s = strings_[memo]; s.size == size && are_equal(s.bytes, text)) [[likely]] {
    ++s.references;
    return memo;
  }
  return memo = find_or_add(text);
}

InternedStrings::Id InternedStrings::find_or_add(std::string_view text) {
  const std::uint32_t h = hash(text);
  for (std::size_t at = h & mask_;; at = (at + 1) & mask_) {
    const Cell cell = cells_[at];
    if (cell.id == kNone) break;
    if (cell.hash != h) continue;
    String& s = strings_[cell.id];
    if (s.size != text.size() || !are_equal(s.bytes, text)) continue;
    ++s.references;
    return cell.id;
  }
  return add(text, h);
}

InternedStrings::Id InternedStrings::add(std::string_view text, std::uint32_t h) {
  if (!make_room(cost_of(text.size()))) return kNone;
  if ((size_ + 1) * 2 > cells_.size()) grow();
  Id id = free_;
  if (id != kNone) {
    free_ = strings_[id].next;
  } else {
    id = static_cast<Id>(strings_.size());
    if (strings_.size() == strings_.capacity()) {
      // Twice as many, but never more than there may be.
      const std::size_t places =
          std::min(2 * strings_.size() + 62, limits_.max_strings + std::size_t{1});
      strings_.reserve(places);
      owned_.reserve(places);
    }
    strings_.emplace_back();
    owned_.emplace_back();
  }
  owned_[id] = std::make_unique<char[]>(text.size() + kPadding);  // zeros behind the text
  std::memcpy(owned_[id].get(), text.data(), text.size());
  strings_[id] = {.bytes = owned_[id].get(),
                  .references = 1,
                  .hash = h,
                  .next = kNone,
                  .size = static_cast<std::uint16_t>(text.size()),
                  .is_plain = event::is_plain(text),
                  .is_queued = false};
  std::size_t at = h & mask_;
  while (cells_[at].id != kNone) at = (at + 1) & mask_;
  cells_[at] = {h, id};
  ++size_;
  bytes_ += cost_of(text.size());
  return id;
}

// Each text that is looked at leaves the queue, so the work is paid for by its set_aside().
bool InternedStrings::make_room(std::size_t cost) {
  while (size_ >= limits_.max_strings || bytes_ + cost > limits_.max_bytes) {
    const Id id = oldest_unused_;
    if (id == kNone) return false;
    String& s = strings_[id];
    oldest_unused_ = s.next;
    if (oldest_unused_ == kNone) newest_unused_ = kNone;
    s.is_queued = false;
    if (s.references == 0) forget(id);
  }
  return true;
}

void InternedStrings::set_aside(Id id) noexcept {
  String& s = strings_[id];
  if (s.is_queued || id == kNone) return;
  s.is_queued = true;
  s.next = kNone;
  if (newest_unused_ != kNone) {
    strings_[newest_unused_].next = id;
  } else {
    oldest_unused_ = id;
  }
  newest_unused_ = id;
}

void InternedStrings::forget(Id id) noexcept {
  erase_cell(id);
  bytes_ -= cost_of(strings_[id].size);
  --size_;
  owned_[id].reset();
  strings_[id] = String{};
  strings_[id].next = free_;
  free_ = id;
  forgotten_.add();
}

void InternedStrings::erase_cell(Id id) noexcept {
  std::size_t hole = strings_[id].hash & mask_;
  while (cells_[hole].id != id) hole = (hole + 1) & mask_;
  // Moves later cells of the same run back, so that no look-up stops at the hole.
  for (std::size_t at = (hole + 1) & mask_; cells_[at].id != kNone; at = (at + 1) & mask_) {
    const std::size_t wanted = cells_[at].hash & mask_;
    if (((at - wanted) & mask_) < ((at - hole) & mask_)) continue;
    cells_[hole] = cells_[at];
    hole = at;
  }
  cells_[hole] = Cell{};
}

void InternedStrings::grow() {
  std::vector<Cell> old(cells_.size() * 2);
  old.swap(cells_);
  mask_ = cells_.size() - 1;
  for (const Cell& cell : old) {
    if (cell.id == kNone) continue;
    std::size_t at = cell.hash & mask_;
    while (cells_[at].id != kNone) at = (at + 1) & mask_;
    cells_[at] = cell;
  }
}

std::size_t InternedStrings::memory_bytes() const noexcept {
  return bytes_ + strings_.capacity() * sizeof(String) +
         owned_.capacity() * sizeof(std::unique_ptr<char[]>) + cells_.capacity() * sizeof(Cell) +
         memo_.capacity() * sizeof(Id);
}

}  // namespace sorrel::enrich
