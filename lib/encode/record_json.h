#pragma once

#include <span>

#include "encode/added_names.h"
#include "encode/json_writer.h"
#include "encode/options.h"
#include "event/event.h"

namespace sorrel::encode {

// Each writes the members of one record's object, without the braces.

// Any record: its fields in their order; a nested message as an object of its own; the words of an
// AVC's permissions as `denied` or `granted`, last; other words as TEXT.
void put_fields(JsonWriter& w, const AddedNames& names, std::span<const record::Field> fields);

// SYSCALL: a0..a3 as ARGV ["0x..", ...] behind the other fields; several keys also as KEYS [...].
void put_syscall(JsonWriter& w, const AddedNames& names, std::span<const record::Field> fields);

// SOCKADDR: the raw address and, unless it is turned off, SADDR, the address it stands for.
void put_sockaddr(JsonWriter& w, const AddedNames& names, const Options& options,
                  const event::Event& event, std::span<const record::Field> fields);

}  // namespace sorrel::encode
