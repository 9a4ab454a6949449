#include "enrich/execve_text.h"

#include "record/argument_key.h"

namespace sorrel::enrich {
namespace {

using event::Event;
using event::Record;
using record::ArgumentKey;
using record::Field;
using record::FieldClass;

// Room that decode_value() wants behind what it writes.
constexpr std::size_t kSlack = 64;

const Field& field_of(const Event& event, std::uint32_t record, std::uint32_t field) {
  return event.fields(event.records()[record])[field];
}

// The value's characters without its quotes.
std::size_t written_size(std::string_view value) {
  return value.starts_with('"') ? value.size() - 2 : value.size();
}

}  // namespace

void ExecveText::clear() noexcept {
  size_ = 0;
  arguments_.clear();
  parts_.clear();
  is_open_ = false;
}

void ExecveText::read(const Event& event, std::uint32_t first) {
  clear();
  // Decoded, an argument is never larger than written, and its key leaves room for the NUL.
  std::size_t room = kSlack;
  for (std::uint32_t i = first; i != Record::kNone; i = event.records()[i].next_same_type)
    room += event.records()[i].body.size();
  if (bytes_.size() < room) bytes_.resize(room);
  for (std::uint32_t i = first; i != Record::kNone; i = event.records()[i].next_same_type)
    read_record(event, i);
  if (!arguments_.empty()) bytes_[size_++] = '\0';
}

void ExecveText::open_argument() {
  if (!arguments_.empty()) bytes_[size_++] = '\0';
  arguments_.push_back({size_, size_});
}

void ExecveText::read_record(const Event& event, std::uint32_t index) {
  const std::span<const Field> fields = event.fields(event.records()[index]);
  for (std::uint32_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    const bool is_length = field.cls == FieldClass::argument_length;
    if ((field.cls != FieldClass::argument && !is_length) || field.inside) continue;
    const char last = field.key_data[field.key_size - 1];
    const bool is_whole = !is_length && last != ']';
    if (is_whole) {
      open_argument();
      is_open_ = false;
    } else {
      const std::uint32_t number = record::parse_argument_key(field.key()).index;
      if (!is_open_ || number != open_index_) open_argument();
      is_open_ = true;
      open_index_ = number;
    }
    const std::size_t begin = size_;
    if (!is_length)
      size_ = static_cast<std::size_t>(decode_value(field, bytes_.data() + size_) - bytes_.data());
    arguments_.back().end = size_;
    const auto argument = static_cast<std::uint32_t>(arguments_.size() - 1);
    parts_.push_back({{begin, size_}, index, i, argument, is_length, is_whole});
  }
}

// Sets value_ to what the part becomes.
void ExecveText::make_value(const Field& field, const Part& part, const SecretSpans& spans) {
  bytes_of_part_.clear();
  value_.clear();
  spans.append_redacted(text(), part.range.begin, part.range.end, bytes_of_part_);
  // Parts of one argument have one form.
  const bool stays_hex = !part.is_whole && is_hex(field) && !bytes_of_part_.empty();
  append_value(bytes_of_part_, stays_hex ? ValueForm::hex : ValueForm::kernel, value_);
}

// Sets value_ to the length of the argument as it becomes, counted as it was before: in characters
// as written, or in bytes. Source: linux/kernel/auditsc.c, audit_log_execve_info().
void ExecveText::make_length(const Event& event, std::size_t at, const SecretSpans& spans) {
  const Part& part = parts_[at];
  std::size_t written = 0;
  std::size_t bytes = 0;
  std::size_t new_written = 0;
  std::size_t new_bytes = 0;
  for (std::size_t i = at + 1; i < parts_.size() && parts_[i].argument == part.argument; ++i) {
    if (parts_[i].is_length) continue;
    const Field& field = field_of(event, parts_[i].record, parts_[i].field);
    written += field.value_size;
    bytes += parts_[i].range.end - parts_[i].range.begin;
    make_value(field, parts_[i], spans);
    new_written += written_size(value_);
    new_bytes += bytes_of_part_.size();
  }
  const std::string_view old = field_of(event, part.record, part.field).value();
  const bool in_bytes = old == std::to_string(bytes) && bytes != written;
  value_ = std::to_string(in_bytes ? new_bytes : new_written);
}

void ExecveText::write(Event& event, const SecretSpans& spans, record::Parser& parser) {
  std::uint32_t open = Record::kNone;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    const TextRange range = part.is_length ? arguments_[part.argument] : part.range;
    if (!spans.touches(range.begin, range.end)) continue;
    if (part.record != open) {
      if (open != Record::kNone) editor_.finish(event, parser);
      editor_.begin(event, part.record);
      open = part.record;
    }
    // Only records before this one have been changed: these fields are still what was read.
    const Field& field = field_of(event, part.record, part.field);
    if (part.is_length)
      make_length(event, i, spans);
    else
      make_value(field, part, spans);
    editor_.replace(field, value_);
  }
  if (open != Record::kNone) editor_.finish(event, parser);
}

}  // namespace sorrel::enrich
