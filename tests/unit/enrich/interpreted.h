#pragma once

#include <string>
#include <vector>

#include "enrich/interpret.h"
#include "property/parsed_body.h"
#include "record/parser.h"

namespace sorrel::test {

// The interpretation of the field `key` of a record, in the context of a SYSCALL record (its body,
// or nothing); "?" when the record has no such field.
inline std::string interpreted(record::RecordType type, std::string_view body, std::string_view key,
                               std::string_view syscall = {}) {
  record::Parser parser;
  const ParsedBody record(parser, type, body, record::Origin::text);
  const ParsedBody call_record(parser, record::type::kSyscall, syscall, record::Origin::text);
  const std::vector<record::Field> call_fields = call_record.fields();
  enrich::InterpretationText room;
  for (const record::Field& field : record.fields()) {
    if (field.key() != key) continue;
    return std::string(enrich::interpret(type, field, enrich::CallContext::of(call_fields), room));
  }
  return "?";
}

}  // namespace sorrel::test
