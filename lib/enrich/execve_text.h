#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/record_editor.h"
#include "enrich/secret_finder.h"
#include "enrich/secret_spans.h"
#include "event/event.h"
#include "record/parser.h"

namespace sorrel::enrich {

// The arguments of all EXECVE records of an event as one text, each followed by a NUL, as they lie
// in the process's memory; and the way back into the records, to the fields they came from.
class ExecveText {
 public:
  // `first`: the event's first EXECVE record.
  void read(const event::Event& event, std::uint32_t first);
  void clear() noexcept;

  std::string_view text() const noexcept { return {bytes_.data(), size_}; }
  std::span<const TextRange> arguments() const noexcept { return arguments_; }

  // Writes what the spans have left into the records. An argument in parts stays in as many parts,
  // in the form they had, with its length as it is then. The text stays what it was.
  void write(event::Event& event, const SecretSpans& spans, record::Parser& parser);

 private:
  // A field, and what it holds: a part of the text, or (empty) the length of an argument.
  struct Part {
    TextRange range;
    std::uint32_t record;
    std::uint32_t field;
    std::uint32_t argument;  // in arguments_
    bool is_length;
    bool is_whole;  // not one of several
  };

  void read_record(const event::Event& event, std::uint32_t index);
  void open_argument();
  void make_value(const record::Field& field, const Part& part, const SecretSpans& spans);
  void make_length(const event::Event& event, std::size_t at, const SecretSpans& spans);

  std::string bytes_;  // with room behind size_
  std::size_t size_ = 0;
  std::vector<TextRange> arguments_;
  std::vector<Part> parts_;
  std::uint32_t open_index_ = 0;  // the kernel's number of the argument that may go on
  bool is_open_ = false;
  RecordEditor editor_;
  std::string bytes_of_part_;  // scratch
  std::string value_;          // scratch
};

}  // namespace sorrel::enrich
