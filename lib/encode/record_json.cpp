#include "encode/record_json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/hex.h"
#include "encode/digits.h"
#include "encode/value_json.h"
#include "record/sockaddr.h"
#include "record/tables/arch.h"

namespace sorrel::encode {
namespace {

using record::Field;
using record::FieldClass;
using record::Form;
using record::Plain;
namespace key = record::key;

bool is_capital_name(std::string_view key) {
  return std::ranges::all_of(key, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

// The name of a field that auditd added is prefixed like our own.
void put_key(JsonWriter& w, const AddedNames& names, const Field& field) {
  if (field.enriched && names.has_prefix() && field.repeated == 0 && is_capital_name(field.key()))
      [[unlikely]] {
    names.put_key(w, field.key());
    return;
  }
  w.key(field);
}

bool is_word(const Field& field, std::string_view text) {
  return field.form == Form::word && field.value() == text;
}

// MAC_UNLBL_ALLOW and its like begin with "netlabel:", which LAUREL shows as a key without a value.
// Source: linux/net/netlabel/netlabel_user.c, netlbl_audit_start_common().
bool begins_netlabel(const Field& field, std::span<const Field> fields) {
  return &field == fields.data() && !field.inside && is_word(field, "netlabel:") &&
         std::ranges::none_of(fields, [](const Field& f) { return f.key() == "netlabel"; });
}

// What of one object (a record, or the message inside it) has no key. SELinux writes
// `avc:  denied  { read write } for  pid=...`; the permissions become `"denied":["read","write"]`.
// Source: linux/security/selinux/avc.c, avc_audit_pre_callback().
class Unkeyed {
 public:
  Unkeyed(std::span<const Field> fields, bool inside) : fields_(fields), inside_(inside) {}

  // `all` is the whole object, whose keys those of ours must not meet.
  void put(JsonWriter& w, const AddedNames& names, std::span<const Field> all) {
    find_permissions();
    put_text(w, names, all);
    if (permissions_ != nullptr) put_permissions(w, all);
  }

  void put_only_text(JsonWriter& w, const AddedNames& names, std::span<const Field> all) const {
    put_text(w, names, all);
  }
  // Only the permissions: the words stand elsewhere.
  void put_only_permissions(JsonWriter& w, std::span<const Field> all) {
    find_permissions();
    if (permissions_ != nullptr) put_permissions(w, all);
  }

 private:
  void find_permissions() {
    for (const Field& field : fields_) {
      if (!is_ours(field)) continue;
      if (is_word(field, "denied") || is_word(field, "granted")) verdict_ = &field;
      if (field.form == Form::braces && verdict_ != nullptr) {
        permissions_ = &field;
        break;
      }
    }
  }

  // A message's author may have used our key; then a blank makes ours another.
  bool is_taken(std::span<const Field> all, std::string_view name) const {
    return std::ranges::any_of(
        all, [&](const Field& f) { return f.inside == inside_ && f.key() == name; });
  }

  bool is_ours(const Field& field) const {
    return field.key_size == 0 && field.inside == inside_ && !begins_netlabel(field, fields_);
  }
  bool is_part_of_avc(const Field& field) const {
    return permissions_ != nullptr && (&field == verdict_ || &field == permissions_ ||
                                       is_word(field, "avc:") || is_word(field, "for"));
  }

  void put_text(JsonWriter& w, const AddedNames& names, std::span<const Field> all) const {
    bool any = false;
    for (const Field& field : fields_) {
      if (!is_ours(field) || is_part_of_avc(field)) continue;
      if (!any) {
        names.put_key(w, is_taken(all, "TEXT") ? "TEXT WORDS" : "TEXT");
        w.put('"');
      } else {
        w.put(' ');
      }
      any = true;
      if (field.form == Form::braces) w.put('{');
      w.set_out(escape_to(field.value(), w.out()));
      if (field.form == Form::braces) w.put('}');
    }
    if (any) w.put('"');
  }

  void put_permissions(JsonWriter& w, std::span<const Field> all) const {
    const std::string_view verdict = verdict_->value();
    const bool taken = is_taken(all, verdict);
    w.put(",\"");
    w.put(verdict);
    w.put(taken ? std::string_view(" WORDS\":") : std::string_view("\":"));
    char* const opened = w.open_object();
    std::string_view rest = permissions_->value();
    while (!rest.empty()) {
      const std::size_t blank = rest.find(' ');
      if (blank != 0) {
        w.put(',');
        w.string(rest.substr(0, blank));
      }
      rest = blank == rest.npos ? std::string_view{} : rest.substr(blank + 1);
    }
    w.close_array(opened);
  }

  const std::span<const Field> fields_;
  const bool inside_;
  const Field* verdict_ = nullptr;
  const Field* permissions_ = nullptr;
};

// The user-space parts of SELinux begin their messages as its AVC records do; LAUREL has that as
// "avc": "denied  { send_msg } for", up to the first field. Returns that field, or `first` when
// this is no such message.
const Field* put_avc(JsonWriter& w, const Field* first, const Field* last) {
  const auto is_avc_key = [](const Field& field) { return field.key() == "avc"; };
  if (first == last || !is_word(*first, "avc:") || std::any_of(first, last, is_avc_key))
    return first;
  const char* const begin = first->value_data + first->value_size;
  const char* end = begin;
  const Field* field = first + 1;
  // "avc:  received setenforce notice (enforcing=1)": what is in parentheses is no field.
  for (; field != last && (field->key_size == 0 || field->key_data[0] == '('); ++field)
    end = field->value_data + field->value_size +
          (field->form == Form::braces && !field->unclosed ? 1 : 0);
  std::string_view text(begin, static_cast<std::size_t>(end - begin));
  while (text.starts_with(' ')) text.remove_prefix(1);
  w.member("avc");
  w.put('"');
  w.set_out(escape_to(text, w.out()));
  w.put('"');
  return field;
}

// Writes the message's own fields, from `field` on; returns the first field behind them.
const Field* put_message(JsonWriter& w, const AddedNames& names, const Field* const message,
                         const Field* last) {
  char* const opened = w.open_object();
  bool any_unkeyed = false;
  const Field* end = message;
  while (end != last && end->inside) ++end;
  const std::span<const Field> all(message, end);
  const Field* const first = put_avc(w, message, end);
  for (const Field* field = first; field != end; ++field) {
    if (field->key_size == 0) {
      any_unkeyed = true;
      continue;
    }
    w.key(*field);
    put_value(w, *field);
  }
  if (first == message) {
    if (any_unkeyed) Unkeyed(all, true).put(w, names, all);
  } else {
    if (any_unkeyed) Unkeyed({first, end}, true).put_only_text(w, names, all);
    Unkeyed({message, first}, true).put_only_permissions(w, all);
  }
  w.close_object(opened);
  return end;
}

// The kernel joins the keys of a rule by 0x01, which makes it write the field in hex.
// Source: audit-userspace, lib/libaudit.h, AUDIT_KEY_SEPARATOR.
void put_keys(JsonWriter& w, const AddedNames& names, const Field& field) {
  constexpr char kSeparator = '\x01';
  const std::string_view digits = field.value();
  if (field.form != Form::bare) return;
  // Decoded behind the farthest place that the array can reach, then written from there.
  char* const decoded = w.out() + 3 * digits.size() + 64;
  const std::size_t size = decode_hex_to(digits, decoded);
  if (size == SIZE_MAX) return;
  std::string_view rest(decoded, size);
  if (rest.find(kSeparator) == std::string_view::npos) return;
  names.put_key(w, "KEYS");
  char* const opened = w.open_object();
  for (;;) {
    const std::size_t end = rest.find(kSeparator);
    w.put(',');
    w.string(rest.substr(0, end));
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  w.close_array(opened);
}

constexpr bool is_call_argument(const Field& field) {
  static_assert(key::kA1 == key::kA0 + 1 && key::kA3 == key::kA0 + 3);
  return field.key_id >= key::kA0 && field.key_id <= key::kA3 && field.repeated == 0 &&
         field.form != Form::nested;
}

// Cheaper than is_null(), and true for all that it is true for.
bool may_be_null(std::string_view value) {
  return value.empty() || value[0] == '(' || value[0] == '?';
}

// Writes the value of a plain field; null when it is not so plain after all. The kinds in the order
// of how many there are: a jump table costs more than the two comparisons that most fields need.
inline char* put_plain_value(Plain plain, std::string_view value, char* out) {
  if (plain == Plain::decimal) {
    if (!is_plain_decimal(value)) return nullptr;
    std::memcpy(out, value.data(), 16);
    return out + value.size();
  }
  if (plain == Plain::string || (plain == Plain::word && !may_be_null(value))) {
    *out = '"';
    out = escape_short_to(value, out + 1);
    *out = '"';
    return out + 1;
  }
  if (plain == Plain::hex && all_hex_digits(value)) return put_prefixed_digits('x', value, out);
  if (plain == Plain::octal && !value.empty() && all_digits<'7'>(value))
    return put_prefixed_digits('o', value, out);
  return nullptr;
}

// The fields that most records consist of: short clean strings and numbers of up to 16 digits.
// Returns the first field that is something else. Local state only: this loop is where the
// encoder's time goes.
const Field* put_plain_members(JsonWriter& w, const Field* field, const Field* last) {
  char* out = w.out();
  const KeyTexts& keys = w.keys();
  for (; field != last; ++field) {
    std::memcpy(out, keys[field->key_id].bytes, KeyTexts::kPunctuation + record::kMaxPlainKey);
    char* const value = out + KeyTexts::kPunctuation + field->key_size;
    char* const end = put_plain_value(field->plain, field->value(), value);
    if (end == nullptr) break;
    out = end;
  }
  w.set_out(out);
  return field;
}

void put_members(JsonWriter& w, const AddedNames& names, std::span<const Field> fields,
                 bool without_call_arguments) {
  bool any_unkeyed = false;
  const Field* rule_key = nullptr;
  const Field* const last = fields.data() + fields.size();
  for (const Field* field = fields.data(); field != last; ++field) {
    field = put_plain_members(w, field, last);
    if (field == last) break;
    if (without_call_arguments && is_call_argument(*field)) continue;
    if (field->key_size == 0) [[unlikely]] {
      if (begins_netlabel(*field, fields)) {
        w.member("netlabel");
        w.null();
      } else {
        any_unkeyed = true;
      }
      continue;
    }
    put_key(w, names, *field);
    if (field->form == Form::nested) [[unlikely]] {
      field = put_message(w, names, field + 1, last) - 1;
      continue;
    }
    put_value(w, *field);
    if (field->key_id == key::kKey) rule_key = field;
  }
  if (any_unkeyed) Unkeyed(fields, false).put(w, names, fields);
  if (rule_key != nullptr) put_keys(w, names, *rule_key);
}

}  // namespace

void put_fields(JsonWriter& w, const AddedNames& names, std::span<const Field> fields) {
  put_members(w, names, fields, false);
}

void put_syscall(JsonWriter& w, const AddedNames& names, std::span<const Field> fields) {
  put_members(w, names, fields, true);
  names.put_key(w, "ARGV");
  char* const opened = w.open_object();
  for (const Field& field : fields) {
    if (!is_call_argument(field)) {
      if (w.out() != opened) break;  // they stand together
      continue;
    }
    w.put(',');
    if (field.form == Form::bare && all_hex_digits(field.value())) [[likely]]
      w.set_out(put_prefixed_digits('x', field.value(), w.out()));
    else
      put_value(w, field);
  }
  w.close_array(opened);
}

namespace {

void put_address_field(JsonWriter& w, const record::SockAddrField& field) {
  w.member(field.key);
  switch (field.kind) {
    case record::SockAddrField::Kind::text:
    case record::SockAddrField::Kind::bytes:
      return w.unpadded_string(field.text);
    case record::SockAddrField::Kind::hex_number: {
      char digits[16];
      const auto end = std::to_chars(digits, digits + sizeof digits,
                                     static_cast<std::uint64_t>(field.number), 16);
      return w.prefixed_number("0x", {digits, static_cast<std::size_t>(end.ptr - digits)});
    }
    case record::SockAddrField::Kind::number:
      return w.signed_number(field.number);
  }
}

// The address is in the byte order of the machine that wrote it: the event's system call tells.
bool is_big_endian_event(const event::Event& event) {
  for (const event::Record& r : event.records()) {
    if (r.type != record::type::kSyscall) continue;
    for (const Field& field : event.fields(r)) {
      if (field.key_id != key::kArch) continue;
      std::uint32_t arch = 0;
      const char* const end = field.value_data + field.value_size;
      const auto [stop, error] = std::from_chars(field.value_data, end, arch, 16);
      return error == std::errc{} && stop == end && record::is_big_endian(arch);
    }
  }
  return false;
}

}  // namespace

void put_sockaddr(JsonWriter& w, const AddedNames& names, const Options& options,
                  const event::Event& event, std::span<const Field> fields) {
  // auditd's ENRICHED format ends the record with SADDR as text; ours takes its place.
  if (options.socket_addresses && !fields.empty() && fields.back().enriched &&
      fields.back().key_id == key::kSaddrText)
    fields = fields.first(fields.size() - 1);
  put_members(w, names, fields, false);
  if (!options.socket_addresses) return;
  for (const Field& field : fields) {
    if (field.cls != FieldClass::sockaddr || field.form != Form::bare) continue;
    // Decoded behind the farthest place that the object can reach (put_keys() does the same).
    char* const raw = w.out() + 3 * field.value_size + 512;
    const std::size_t size = decode_hex_to(field.value(), raw);
    if (size == SIZE_MAX) return;
    record::SockAddr address;
    record::decode_sockaddr({raw, size}, is_big_endian_event(event), address);
    if (address.fields().empty()) return;
    names.put_key(w, "SADDR");
    char* const opened = w.open_object();
    for (const record::SockAddrField& part : address.fields()) put_address_field(w, part);
    w.close_object(opened);
    return;
  }
}

}  // namespace sorrel::encode
