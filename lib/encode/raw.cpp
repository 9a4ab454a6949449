#include "encode/raw.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace sorrel::encode {
namespace {

constexpr std::size_t kPrefixBound = 64;  // "type=" NAME " msg=", node apart

char* put(std::string_view text, char* out) noexcept {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put_type(record::RecordType type, char* out) noexcept {
  const std::string_view name = record::type_name(type);
  if (!name.empty()) return put(name, out);
  out = put("UNKNOWN[", out);
  out = std::to_chars(out, out + 5, type).ptr;
  return put("]", out);
}

}  // namespace

std::size_t RawEncoder::bound(const event::Event& event) const noexcept {
  return event.bytes() + event.records().size() * (kPrefixBound + event.node.size());
}

std::size_t RawEncoder::encode(const event::Event& event, char* out) const noexcept {
  char* const begin = out;
  for (const event::Record& r : event.records()) {
    if (!r.from_text) {
      if (r.type == record::type::kEoe && !with_eoe_) continue;
      if (!event.node.empty()) out = put(" ", put(event.node, put("node=", out)));
      out = put(" msg=", put_type(r.type, put("type=", out)));
    }
    char* const line = out;
    out = put(r.line, out);
    // A message of user space may hold line breaks, and with them what looks like records. As
    // auditd, a blank for each. Source: audit-userspace, src/auditd-event.c, format_raw().
    if (!r.from_text) std::replace(line, out, '\n', ' ');
    *out++ = '\n';
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace sorrel::encode
