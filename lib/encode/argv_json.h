#pragma once

#include <cstddef>
#include <span>

#include "encode/added_names.h"
#include "encode/json_writer.h"
#include "encode/options.h"
#include "event/event.h"

namespace sorrel::encode {

// When the records tell of fewer arguments than their numbers say (the kernel could not read the
// rest, or a record was lost), each missing one is null in ARGV, up to this number in an event.
inline constexpr std::size_t kMaxMissingArguments = 4096;
// What the missing ones need at the most: `,null` in ARGV and a blank in ARGV_STR.
inline constexpr std::size_t kMissingArgumentsBound = 6 * kMaxMissingArguments;

// Writes the members of EXECVE, from all EXECVE records of the event: argc, then ARGV and ARGV_STR
// with the arguments put together again from their parts. Fields that do not fit into the kernel's
// scheme (an argument that came before, or far too late) follow as they are written, in TEXT.
// Source: linux/kernel/auditsc.c, audit_log_execve_info().
void put_execve(JsonWriter& w, const AddedNames& names, const Options& options,
                const event::Event& event, const event::Record& first);

// Writes the members of PROCTITLE: ARGV, split at the NULs; `proctitle` when it is (null).
void put_proctitle(JsonWriter& w, const AddedNames& names, const Options& options,
                   std::span<const record::Field> fields);

}  // namespace sorrel::encode
