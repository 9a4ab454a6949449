#pragma once

#include <cstddef>

#include "event/event.h"

namespace sorrel::encode {

// Encodes events as auditd's text, one line a record, which ausearch and aureport read. Records
// that came as text are given back unchanged; those from the kernel get their type's name, and are
// one line each: a line break inside becomes a blank.
class RawEncoder {
 public:
  // `with_eoe`: write the EOE records of a recording too (auditd leaves them out). Those of a text
  // log are always written.
  explicit RawEncoder(bool with_eoe) : with_eoe_(with_eoe) {}

  std::size_t bound(const event::Event& event) const noexcept;
  // Writes the event's lines to `out`; returns their size, 0 when there is none.
  std::size_t encode(const event::Event& event, char* out) const noexcept;

 private:
  const bool with_eoe_;
};

}  // namespace sorrel::encode
