#include "event/event.h"

#include <cstring>

namespace sorrel::event {
namespace {

// What a reused event keeps, so that one giant does not stay in memory for ever.
constexpr std::size_t kKeptRecords = 256;
constexpr std::size_t kKeptFields = 2048;
constexpr std::size_t kKeptAnnotations = 1024;

// memset(out, 0, record::kPadding), which the compiler would make a call for each record.
void clear_padding(char* out) noexcept {
  constexpr char kZeros[16] = {};
  static_assert(record::kPadding % sizeof kZeros == 0);
  for (std::size_t at = 0; at < record::kPadding; at += sizeof kZeros)
    std::memcpy(out + at, kZeros, sizeof kZeros);
}

template <class T>
void clear_and_keep(std::vector<T>& items, std::size_t kept) {
  items.clear();
  if (items.capacity() > kept) std::vector<T>().swap(items);
}

}  // namespace

void Event::add(const record::Datagram& datagram, std::size_t body_offset, record::Parser& parser) {
  Record& r = records_.emplace_back();
  r.type = datagram.type;
  r.from_text = datagram.line.data() != nullptr;
  const std::string_view text = r.from_text ? datagram.line : datagram.payload;
  char* copy = arena_.allocate(text.size() + record::kPadding);
  std::memcpy(copy, text.data(), text.size());
  clear_padding(copy + text.size());
  r.line = {copy, text.size()};
  const std::size_t payload_at =
      r.from_text ? static_cast<std::size_t>(datagram.payload.data() - text.data()) : 0;
  r.body = {copy + payload_at + body_offset, datagram.payload.size() - body_offset};
  if (r.from_text && r.type == record::type::kUnknownName)
    r.type_name = {copy + (datagram.type_name.data() - text.data()), datagram.type_name.size()};

  r.first_field = static_cast<std::uint32_t>(fields_.size());
  // The sentinels follow the body, where the line may go on (a carriage return).
  const std::size_t body_end = payload_at + datagram.payload.size();
  std::memcpy(copy + body_end, record::kSentinel, sizeof record::kSentinel);
  parser.parse(r.type, r.body, r.from_text ? record::Origin::text : record::Origin::kernel,
               fields_);
  if (body_end != text.size()) [[unlikely]]
    std::memcpy(copy + body_end, text.data() + body_end, text.size() - body_end);
  r.field_count = static_cast<std::uint32_t>(fields_.size()) - r.first_field;
  bytes_ += text.size() + sizeof(Record) + r.field_count * sizeof(record::Field);
  const auto index = static_cast<std::uint32_t>(records_.size() - 1);
  const std::uint64_t bit = std::uint64_t{1} << (r.type & 63);
  if ((types_seen_ & bit) != 0) {
    link_to_same_type(r, index);
  } else {
    types_seen_ |= bit;
    last_of_type_.push_back({r.type, index});
  }
}

void Event::link_to_same_type(Record& r, std::uint32_t index) {
  for (LastOfType& last : last_of_type_) {
    if (last.type != r.type) continue;
    if (records_[last.record].type_name != r.type_name) continue;
    records_[last.record].next_same_type = index;
    r.first_of_type = false;
    last.record = index;
    return;
  }
  last_of_type_.push_back({r.type, index});
}

bool Event::has_type(record::RecordType type) const noexcept {
  if ((types_seen_ >> (type & 63) & 1) == 0) return false;
  for (const LastOfType& last : last_of_type_)
    if (last.type == type) return true;
  return false;
}

std::string_view Event::copy(std::string_view text) {
  if (text.empty()) return {};
  char* bytes = arena_.allocate(text.size());
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Event::clear() {
  id = {};
  part = 0;
  incomplete = Incomplete::no;
  dropped_records = 0;
  has_eoe = false;
  node = {};
  process = 0;
  not_asked = false;
  arena_.reset();
  clear_and_keep(records_, kKeptRecords);
  fields_.clear();
  if (fields_.capacity() > kKeptFields) fields_.release_memory();
  clear_and_keep(annotations_.steps_, kKeptAnnotations);
  annotated_ = Record::kNone;
  last_of_type_.clear();
  types_seen_ = 0;
  bytes_ = 0;
}

void Event::release_memory() {
  arena_ = Arena();
  clear_and_keep(records_, 0);
  fields_.release_memory();
  clear_and_keep(annotations_.steps_, 0);
  clear_and_keep(last_of_type_, 0);
}

}  // namespace sorrel::event
