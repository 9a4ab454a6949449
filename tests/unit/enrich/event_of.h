#pragma once

#include <initializer_list>
#include <string_view>

#include "event/event.h"
#include "record/datagram.h"
#include "record/parser.h"
#include "record/stamp.h"

namespace sorrel::enrich {

// An event of these lines of text, as the assembler would give it.
inline void fill(event::Event& event, std::initializer_list<std::string_view> lines) {
  record::Parser parser;
  event.clear();
  for (const std::string_view line : lines) {
    const record::Datagram datagram = record::parse_line(line);
    std::string_view body;
    record::parse_stamp(datagram.payload, event.id, body);
    event.add(datagram, datagram.payload.size() - body.size(), parser);
  }
}

}  // namespace sorrel::enrich
