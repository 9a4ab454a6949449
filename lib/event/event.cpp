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

  take_fields(r, copy, parser);
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

// Parses r.body, which lies within r.line, which begins at `line`.
inline void Event::take_fields(Record& r, char* line, record::Parser& parser) {
  r.first_field = static_cast<std::uint32_t>(fields_.size());
  // The sentinels follow the body, where the line may go on (a carriage return).
  const auto body_end = static_cast<std::size_t>(r.body.data() - r.line.data()) + r.body.size();
  constexpr std::size_t kSentinels = sizeof record::kSentinel;
  char behind[kSentinels];
  std::memcpy(behind, line + body_end, kSentinels);
  std::memcpy(line + body_end, record::kSentinel, kSentinels);
  parser.parse(r.type, r.body, r.from_text ? record::Origin::text : record::Origin::kernel,
               fields_);
  if (body_end != r.line.size()) [[unlikely]]
    std::memcpy(line + body_end, behind, kSentinels);
  r.field_count = static_cast<std::uint32_t>(fields_.size()) - r.first_field;
}

void Event::replace_body(std::uint32_t index, std::string_view body, record::Parser& parser) {
  Record& r = records_[index];
  const std::string_view old = r.line;
  const auto body_at = static_cast<std::size_t>(r.body.data() - old.data());
  const std::string_view behind = old.substr(body_at + r.body.size());
  const std::size_t size = body_at + body.size() + behind.size();
  char* const line = arena_.allocate(size + record::kPadding);
  std::memcpy(line, old.data(), body_at);
  std::memcpy(line + body_at, body.data(), body.size());
  std::memcpy(line + body_at + body.size(), behind.data(), behind.size());
  clear_padding(line + size);
  r.line = {line, size};
  r.body = {line + body_at, body.size()};
  // The name stands before the body.
  if (!r.type_name.empty())
    r.type_name = {line + (r.type_name.data() - old.data()), r.type_name.size()};
  bytes_ -= old.size() + r.field_count * sizeof(record::Field);
  take_fields(r, line, parser);
  bytes_ += size + r.field_count * sizeof(record::Field);
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
  annotations_.clear(kKeptAnnotations);
  annotated_ = own_annotations_ = Record::kNone;
  last_of_type_.clear();
  types_seen_ = 0;
  bytes_ = 0;
}

void Event::release_memory() {
  arena_ = Arena();
  clear_and_keep(records_, 0);
  fields_.release_memory();
  annotations_.clear(0);
  clear_and_keep(last_of_type_, 0);
}

}  // namespace sorrel::event
