#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "enrich/field_finder.h"
#include "enrich/last_number.h"
#include "event/event.h"
#include "record/field_class.h"

namespace sorrel::enrich {

// What an event's SYSCALL record says, read once for all that enrichment makes of it. What the
// record does not have is as in a new one.
struct Call {
  static constexpr std::uint32_t kUnset = 0xffffffff;

  std::uint32_t record = event::Record::kNone;  // its place in the event; kNone: it has none
  std::uint32_t arch = 0;
  std::uint32_t number = kUnset;
  std::string_view name;  // "openat"; empty when no table has it
  bool success = false;
  std::int64_t exit = 0;
  std::array<std::string_view, 4> arguments{};  // a0..a3 as they stand: hardly any is looked at
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  std::uint32_t uid = kUnset;
  std::uint32_t auid = kUnset;
  std::uint32_t ses = kUnset;
  std::string_view comm;  // bytes; valid while the event lives, as the arguments are
  std::string_view exe;

  bool is_known() const noexcept { return record != event::Record::kNone; }
  // 0 when the record has none, or no number.
  std::uint64_t argument(std::size_t i) const noexcept;
};

// Reads the first SYSCALL record of events.
class CallReader {
 public:
  void read(event::Event& event, Call& call);
  Call read(event::Event& event) {
    Call call;
    read(event, call);
    return call;
  }

 private:
  void read_fields(event::Event& event, std::span<const record::Field> fields, Call& call);
  std::string_view name_of(std::uint32_t arch, std::uint32_t number) noexcept;

  FieldFinder arch_{record::key::kArch};
  FieldFinder syscall_{record::key::kSyscall};
  FieldFinder success_{record::key::kSuccess};
  FieldFinder exit_{record::key::kExit};
  std::array<FieldFinder, 4> arguments_{
      FieldFinder{record::key::kA0}, FieldFinder{record::key::kA1}, FieldFinder{record::key::kA2},
      FieldFinder{record::key::kA3}};
  FieldFinder ppid_{record::key::kPpid};
  FieldFinder pid_{record::key::kPid};
  FieldFinder uid_{record::key::kUid};
  FieldFinder auid_{record::key::kAuid};
  FieldFinder ses_{record::key::kSes};
  FieldFinder comm_{record::key::kComm};
  FieldFinder exe_{record::key::kExe};
  LastNumber arches_;
  LastNumber numbers_;
  LastNumber uids_;
  LastNumber auids_;
  LastNumber sessions_;
  // The name of the call that came last.
  std::uint32_t named_arch_ = 0;
  std::uint32_t named_number_ = Call::kUnset;
  std::string_view name_;
};

}  // namespace sorrel::enrich
