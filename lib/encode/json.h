#pragma once

#include <cstddef>
#include <string>

#include "base/siphash.h"
#include "encode/added_names.h"
#include "encode/json_writer.h"
#include "encode/options.h"
#include "encode/stamp_text.h"
#include "event/event.h"

namespace sorrel::encode {

// The version of the JSON's shape, in every line as SCHEMA. It grows when a key changes its meaning
// or its type; new keys do not count. docs/events.md describes each key.
inline constexpr int kSchemaVersion = 1;

// Encodes events as one JSON object a line, in the shape of LAUREL's log with keys of our own
// added:
//   {"ID":"S.M:N","NODE":...,"TIME":...,"EVENT_UID":...,"SCHEMA":1,TYPE:{...}|[{...},...],...}
// Record types come in the order of their first record. SYSCALL, EXECVE, CWD, PROCTITLE and what
// user space sent are objects; all other types are arrays of objects.
class JsonEncoder {
 public:
  // `node` stands for NODE in events that bring none; empty: no NODE then.
  JsonEncoder(const Options& options, std::string node);

  // Room that encode() needs at the most, in bytes.
  std::size_t bound(const event::Event& event) const noexcept;
  // Writes the line, with its newline, to `out`; returns its size. 0: there is nothing to say (an
  // event that has only its end).
  std::size_t encode(const event::Event& event, const Hash128& uid, char* out);

 private:
  void put_envelope(JsonWriter& w, const event::Event& event, const Hash128& uid);
  void put_type(JsonWriter& w, const event::Event& event, const event::Record& record);
  void put_type_key(JsonWriter& w, const event::Record& record, unsigned occurrence);
  void put_odd_type_key(JsonWriter& w, const event::Record& record, unsigned occurrence);
  void put_execve_object(JsonWriter& w, const event::Event& event, const event::Record& first);
  void put_object(JsonWriter& w, const event::Event& event, const event::Record& record);
  void put_annotations(JsonWriter& w, const event::Event& event, const event::Record& record);

  const Options options_;
  KeyTexts keys_;
  AddedNames names_;
  StampText stamps_;
  std::string node_text_;  // `,"NODE":"..."`, or empty
  std::string time_key_;   // `,"TIME":"`
  std::string host_text_;  // `,"HOST":{...}`, or empty
};

}  // namespace sorrel::encode
