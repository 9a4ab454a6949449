#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/event_id.h"
#include "event/annotation.h"
#include "record/datagram.h"
#include "record/parser.h"

namespace sorrel::event {

// One record of an event. Views into the event's arena.
struct Record {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  record::RecordType type = 0;
  // It was read from text: `line` is the whole line. Otherwise `line` is "audit(...): BODY".
  bool from_text = false;
  std::uint32_t first_field = 0;
  std::uint32_t field_count = 0;
  std::uint32_t next_same_type = kNone;  // the event's next record of this type
  bool first_of_type = true;
  std::uint32_t first_annotation = 0;
  std::uint32_t annotations_end = 0;
  std::string_view line;
  std::string_view body;       // what follows "audit(...): "
  std::string_view type_name;  // as the line has it; set only for a type that no table knows
};

// Why an event was released without its end.
enum class Incomplete : std::uint8_t {
  no,
  timeout,  // its EOE did not come in time
  evicted,  // too many events, or bytes, in flight
  size,     // it grew over its own limit: later records of it were dropped
  ended,    // the input ended first
};

// The records of one id. Owns their bytes: everything that views them is valid until clear(), that
// is, for the handler of the assembler only during its call. Reused; allocates nothing once warm.
class Event {
 public:
  EventId id;
  // 0 for the first event of this id, 1 and up for one whose records came after that was released.
  // Part of EVENT_UID, so that a late part is never taken for a duplicate.
  std::uint32_t part = 0;
  Incomplete incomplete = Incomplete::no;
  std::uint32_t dropped_records = 0;  // by the limits of one event
  bool has_eoe = false;
  std::string_view node;  // of node=, empty when the input had none
  // Whose event it is, in the words of who keeps track of processes; 0: nobody's. Set by `enrich`.
  std::uint32_t process = 0;
  // The host should have been asked about it, and was not: too much at once.
  bool not_asked = false;

  const std::vector<Record>& records() const noexcept { return records_; }
  std::span<const record::Field> fields(const Record& r) const noexcept {
    return {fields_.data() + r.first_field, r.field_count};
  }
  // All records'; those of one record, in the order in which they were added.
  const AnnotationList& annotations() const noexcept { return annotations_; }
  std::span<const Annotation> annotations(const Record& r) const noexcept {
    return annotations_.steps().subspan(r.first_annotation, r.annotations_end - r.first_annotation);
  }
  bool has_type(record::RecordType type) const noexcept;
  std::size_t bytes() const noexcept { return bytes_; }

  // Copies the record's bytes and splits them into fields. `body_offset` is where the body begins
  // in datagram.payload.
  void add(const record::Datagram& datagram, std::size_t body_offset, record::Parser& parser);
  // Gives record `index` another body; what stands before and after the body in its line stays. Its
  // fields are parsed anew; links and annotations stay, and bytes() counts what is there now. Views
  // of the old body stay valid until clear(), but nobody who encodes the event meets them. `body`
  // must not hold a line break.
  void replace_body(std::uint32_t index, std::string_view body, record::Parser& parser);
  // Where the annotations of record `index` are added, until the next call or end_annotations(). A
  // record is annotated in one go: another call for it starts anew.
  AnnotationList& annotate(std::uint32_t index) {
    end_annotations();
    annotated_ = index;
    records_[index].first_annotation = static_cast<std::uint32_t>(annotations_.size());
    return annotations_;
  }
  // The same for what belongs to the event as a whole. At most once.
  AnnotationList& annotate_event() {
    end_annotations();
    own_annotations_ = static_cast<std::uint32_t>(annotations_.size());
    return annotations_;
  }
  // After the annotations of all records.
  std::span<const Annotation> own_annotations() const noexcept {
    return annotations_.steps().subspan(
        std::min<std::size_t>(own_annotations_, annotations_.size()));
  }
  void end_annotations() noexcept {
    if (annotated_ == Record::kNone) return;
    records_[annotated_].annotations_end = static_cast<std::uint32_t>(annotations_.size());
    annotated_ = Record::kNone;
  }
  // Memory that lives as long as the event's records.
  char* allocate(std::size_t size) { return arena_.allocate(size); }
  std::string_view copy(std::string_view text);
  void clear();
  // After clear(): keeps no memory for the next use.
  void release_memory();

 private:
  void take_fields(Record& record, char* line, record::Parser& parser);
  void link_to_same_type(Record& record, std::uint32_t index);

  struct LastOfType {
    record::RecordType type;
    std::uint32_t record;
  };

  Arena arena_;
  std::vector<Record> records_;
  record::FieldList fields_;
  AnnotationList annotations_;
  std::uint32_t annotated_ = Record::kNone;        // the record whose annotations are being added
  std::uint32_t own_annotations_ = Record::kNone;  // where those of the event as a whole begin
  std::vector<LastOfType> last_of_type_;
  std::uint64_t types_seen_ = 0;  // bit type % 64: a quick no
  std::size_t bytes_ = 0;
};

}  // namespace sorrel::event
