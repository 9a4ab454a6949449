// Interpretations over any system call and any field text: what is said lies in the room given or
// lives for ever, has printable characters only, and is the same when it is asked for again.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "enrich/interpret.h"
#include "property/parsed_body.h"

namespace {

using namespace sorrel;

// The first byte of a line chooses the type of its record.
constexpr record::RecordType kTypes[] = {record::type::kSyscall,
                                         record::type::kPath,
                                         record::type::kAvc,
                                         record::type::kConfigChange,
                                         record::type::kUringop,
                                         1304 /* SOCKETCALL */,
                                         1312 /* MQ_OPEN */,
                                         1321 /* BPRM_FCAPS */,
                                         1323 /* MMAP */,
                                         1324 /* NETFILTER_PKT */,
                                         1326 /* SECCOMP */,
                                         1331 /* FANOTIFY */,
                                         1337 /* OPENAT2 */};

// In a block of exactly its size, so that the address sanitizer sees one byte more.
struct Room {
  std::unique_ptr<enrich::InterpretationText> text = std::make_unique<enrich::InterpretationText>();
};

void check(record::RecordType type, const record::Field& field, const enrich::CallContext& call) {
  Room room;
  const std::string_view said = enrich::interpret(type, field, call, *room.text);
  SORREL_CHECK(said.size() < enrich::kInterpretationSize, "longer than its room");
  SORREL_CHECK(std::ranges::all_of(said, [](char c) { return c > ' ' && c <= '~'; }),
               "not printable");
  SORREL_CHECK(said.empty() || enrich::may_interpret(field.key_id), "a key that has no meaning");
  SORREL_CHECK(said != field.value() || said.empty() || said[0] == '0', "the number itself");
  Room other;
  SORREL_CHECK(enrich::interpret(type, field, call, *other.text) == said, "another answer");
  if (const auto id = enrich::argument_id(field, call))
    SORREL_CHECK(said.empty(), "an id has a name of the user database, and no other");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  record::Parser parser;
  const std::string_view first = rest.substr(0, rest.find('\n'));
  const test::ParsedBody syscall(parser, record::type::kSyscall, first, record::Origin::kernel);
  const std::vector<record::Field> call_fields = syscall.fields();
  const enrich::CallContext call = enrich::CallContext::of(call_fields);
  for (const record::Field& field : call_fields) check(record::type::kSyscall, field, call);
  while (rest.size() > first.size() && rest.find('\n') != rest.npos) {
    rest.remove_prefix(rest.find('\n') + 1);
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.empty()) continue;
    const auto type = kTypes[static_cast<unsigned char>(line[0]) % std::size(kTypes)];
    const test::ParsedBody record(parser, type, line.substr(1), record::Origin::kernel);
    const std::vector<record::Field> fields = record.fields();
    const bool is_inner = type == 1304;
    const enrich::CallContext inner = is_inner ? call.of_socket_call(fields) : call;
    for (const record::Field& field : fields) check(type, field, inner);
  }
  return 0;
}
