#include "sorreld/ps_row.h"

#include <cstdio>
#include <string_view>

#include "encode/escape.h"

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kMsPerSecond = 1'000;

void append_number(std::string_view key, std::uint64_t value, std::string& out) {
  ((out += ",\"") += key) += "\":";
  out += std::to_string(value);
}

void append_text(std::string_view key, std::string_view value, std::string& out) {
  if (value.empty()) return;
  ((out += ",\"") += key) += "\":\"";
  const std::size_t before = out.size();
  out.resize(before + encode::escaped_bound(value.size()));
  const char* const end = encode::escape_unpadded_to(value, out.data() + before);
  out.resize(static_cast<std::size_t>(end - out.data()));
  out += '"';
}

// SECONDS.MILLISECONDS, as in an audit stamp.
std::string moment(std::uint64_t ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu.%03u", static_cast<unsigned long long>(ms / kMsPerSecond),
                static_cast<unsigned>(ms % kMsPerSecond));
  return text;
}

std::string event_text(const EventId& id) {
  return moment(id.time_ms()) + ':' + std::to_string(id.serial);
}

void append_identity(const PsIdentity& identity, std::string& out) {
  out += "\"pid\":" + std::to_string(identity.pid);
  if (identity.start_ms) append_text("start", moment(*identity.start_ms), out);
  if (identity.event_id) append_text("event_id", event_text(*identity.event_id), out);
}

}  // namespace

void append_ps_row(const PsRow& row, std::string& out) {
  out += '{';
  append_identity(row.self, out);
  append_number("ppid", row.ppid, out);
  append_text("comm", row.comm, out);
  append_text("exe", row.exe, out);
  if (row.auid) append_number("auid", *row.auid, out);
  append_text("user", row.user, out);
  if (row.ses) append_number("ses", *row.ses, out);
  if (row.session_event) append_text("session_event", event_text(*row.session_event), out);
  append_text("unit", row.unit, out);
  append_text("container", row.container, out);
  if (row.exited_ms) append_text("exited", moment(*row.exited_ms), out);
  if (row.parent) {
    out += ",\"parent\":{";
    append_identity(*row.parent, out);
    out += '}';
  }
  out += '}';
}

}  // namespace sorrel::agent
