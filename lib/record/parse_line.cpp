#include "record/datagram.h"

namespace sorrel::record {

Datagram parse_line(std::string_view line) noexcept {
  Datagram datagram;
  datagram.line = line;
  return datagram;
}

}  // namespace sorrel::record
