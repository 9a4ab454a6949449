#include "pipeline/event_filter.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "record/field_class.h"

namespace sorrel::agent {
namespace {

// The kernel joins the keys of a rule by it. Source: audit-userspace, lib/libaudit.h,
// AUDIT_KEY_SEPARATOR.
constexpr char kSeparator = '\x01';

}  // namespace

EventFilter::EventFilter(std::vector<std::string> keys, std::vector<record::RecordType> types)
    : keys_(std::move(keys)), types_(std::move(types)) {}

bool EventFilter::wants(const event::Event& event) const {
  if (wants_all() || event.records().empty()) return true;
  if (record::is_own(event.records().front().type)) return true;
  if (std::any_of(types_.begin(), types_.end(),
                  [&](record::RecordType type) { return event.has_type(type); })) {
    return true;
  }
  if (keys_.empty()) return false;
  for (const event::Record& record : event.records()) {
    for (const record::Field& field : event.fields(record)) {
      if (field.key_id == record::key::kKey && has_key_of(field)) return true;
    }
  }
  return false;
}

bool EventFilter::has_key(std::string_view key) const {
  return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
}

bool EventFilter::has_key_of(const record::Field& field) const {
  if (field.form != record::Form::bare) return has_key(field.value());
  const Result<std::string> bytes = decode_hex(field.value());
  if (!bytes) return has_key(field.value());
  std::string_view rest = *bytes;
  for (;;) {
    const std::size_t end = rest.find(kSeparator);
    if (has_key(rest.substr(0, end))) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace sorrel::agent
