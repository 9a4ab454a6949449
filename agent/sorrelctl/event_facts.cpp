#include "event_facts.h"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "record/record_type.h"
#include "ruleset/fields.h"

namespace sorrel::sorrelctl {
namespace {

using record::Field;
using ruleset::EventFacts;
using ruleset::PathFacts;

template <class Number>
std::optional<Number> read(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A text as the program gave it: hex where the kernel would not quote it.
std::string text_of(const Field& field) {
  if (field.form == record::Form::quoted) return std::string(field.value());
  const auto decoded = decode_hex(field.value());
  return decoded ? *decoded : std::string(field.value());
}

std::optional<std::uint32_t> id_of(std::string_view text) {
  if (text == "unset" || text == "-1") return 0xffffffff;
  return read<std::uint32_t>(text);
}

bool take_number(const Field& field, EventFacts& facts) {
  constexpr auto kNumbers =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"pid", "pid"},
                                                                    {"ppid", "ppid"},
                                                                    {"uid", "uid"},
                                                                    {"euid", "euid"},
                                                                    {"suid", "suid"},
                                                                    {"fsuid", "fsuid"},
                                                                    {"gid", "gid"},
                                                                    {"egid", "egid"},
                                                                    {"sgid", "sgid"},
                                                                    {"fsgid", "fsgid"},
                                                                    {"auid", "auid"},
                                                                    {"ses", "sessionid"},
                                                                    {"per", "pers"}});
  for (const auto& [key, name] : kNumbers) {
    if (field.key() != key) continue;
    const auto value = key == "per" ? read<std::uint32_t>(field.value(), 16) : id_of(field.value());
    if (value) facts.numbers[ruleset::find_field(name)->id] = *value;
    return true;
  }
  return false;
}

void take_call(const Field& field, EventFacts& facts) {
  const std::string_view key = field.key();
  const std::string_view value = field.value();
  if (key == "arch") facts.arch = read<std::uint32_t>(value, 16);
  if (key == "syscall" || key == "uring_op") facts.call = read<std::uint32_t>(value);
  if (key == "success") facts.success = value == "yes";
  if (key == "exit") facts.exit = read<std::int64_t>(value);
  if (key == "exe") facts.exe = text_of(field);
  if (key == "subj") facts.label = std::string(value);
  if (key.size() == 2 && key[0] == 'a' && key[1] >= '0' && key[1] <= '3') {
    facts.arguments[static_cast<std::size_t>(key[1] - '0')] = read<std::uint64_t>(value, 16);
  }
  take_number(field, facts);
}

void take_device(std::string_view text, PathFacts& path) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  path.major = read<std::uint32_t>(text.substr(0, colon), 16);
  path.minor = read<std::uint32_t>(text.substr(colon + 1), 16);
}

PathFacts path_facts(std::span<const Field> fields, const std::string& folder) {
  PathFacts path;
  for (const Field& field : fields) {
    if (field.enriched) break;
    const std::string_view key = field.key();
    if (key == "name" && field.value() != "(null)") path.name = text_of(field);
    if (key == "inode") path.inode = read<std::uint64_t>(field.value());
    if (key == "dev") take_device(field.value(), path);
    if (key == "mode") path.mode = read<std::uint32_t>(field.value(), 8);
    if (key == "ouid") path.owner = id_of(field.value());
    if (key == "ogid") path.group = id_of(field.value());
    if (key == "obj") path.label = std::string(field.value());
  }
  const bool is_relative = !path.name.empty() && path.name[0] != '/' && !folder.empty();
  if (is_relative) path.name = folder + (folder.ends_with('/') ? "" : "/") + path.name;
  // As the rule has it.
  while (path.name.size() > 1 && path.name.ends_with('/')) path.name.pop_back();
  return path;
}

std::string working_folder(const event::Event& event) {
  for (const event::Record& record : event.records()) {
    if (record.type != record::type::kCwd) continue;
    for (const Field& field : event.fields(record)) {
      if (field.key() == "cwd") return text_of(field);
    }
  }
  return "";
}

// The first two bytes, in the order of the machine; nearly all are little-endian.
void take_address(std::span<const Field> fields, EventFacts& facts) {
  for (const Field& field : fields) {
    if (field.key() != "saddr") continue;
    const auto raw = decode_hex(field.value());
    if (raw && raw->size() >= 2) facts.family = static_cast<unsigned char>((*raw)[0]);
  }
}

// The record that says what was called. An operation of io_uring also has the record of the call
// that entered the ring, which no rule needs to have named.
const event::Record* call_record(const event::Event& event) {
  const event::Record* found = nullptr;
  for (const event::Record& record : event.records()) {
    if (record.type == record::type::kUringop) return &record;
    if (record.type == record::type::kSyscall && found == nullptr) found = &record;
  }
  return found;
}

}  // namespace

ruleset::EventFacts event_facts(const event::Event& event) {
  EventFacts facts;
  const std::string folder = working_folder(event);
  for (const event::Record& record : event.records()) {
    facts.types.push_back(record.type);
    const auto fields = event.fields(record);
    if (record.type == record::type::kPath) facts.paths.push_back(path_facts(fields, folder));
    if (record.type == record::type::kSockaddr) take_address(fields, facts);
  }
  if (const event::Record* const call = call_record(event)) {
    facts.is_uring = call->type == record::type::kUringop;
    for (const Field& field : event.fields(*call)) {
      if (field.enriched) break;
      take_call(field, facts);
    }
  }
  // A record that names no address: the call has none.
  if (!facts.family && facts.call) facts.family = 0;
  return facts;
}

}  // namespace sorrel::sorrelctl
