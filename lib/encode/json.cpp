#include "encode/json.h"

#include <algorithm>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "encode/annotation_json.h"
#include "encode/argv_json.h"
#include "encode/record_json.h"
#include "encode/value_json.h"

namespace sorrel::encode {
namespace {

using event::Event;
using event::Record;
namespace type = record::type;

constexpr std::size_t kEnvelopeBound = 2048;
constexpr std::size_t kAddressBound = 1024;  // SADDR of one SOCKADDR record, its scratch included

// Types whose records are one object: those with which the kernel describes the call itself, and
// what is no record of a system call at all.
bool is_object_type(record::RecordType t) noexcept {
  switch (t) {
    case type::kSyscall:
    case type::kExecve:
    case type::kCwd:
    case type::kProctitle:
      return true;
    case type::kLogin:
    case type::kUnknownName:
      return false;
    default:
      return t < type::kSyscall || t >= type::kFirstUserMessage2;
  }
}

// Names of types come from the text when no table has them: such a name may be that of another key
// of ours, or end as a repeated type does (CWD_2). With a blank it is free: no name has one.
bool is_taken(std::string_view name, std::string_view time_key) noexcept {
  constexpr std::string_view kOurs[] = {"ID",   "NODE",       "EVENT_UID",       "SCHEMA",
                                        "HOST", "INCOMPLETE", "DROPPED_RECORDS", "PART"};
  if (name == time_key || std::ranges::find(kOurs, name) != std::end(kOurs)) return true;
  const std::size_t underscore = name.rfind('_');
  return underscore != name.npos && underscore + 1 < name.size() && name[underscore + 1] >= '0' &&
         name[underscore + 1] <= '9';
}

// 16 lower-case digits.
void put_hex_word(char* out, std::uint64_t word) noexcept {
#if defined(__SSE2__)
  const __m128i bytes = _mm_cvtsi64_si128(static_cast<long long>(__builtin_bswap64(word)));
  const __m128i low_four = _mm_set1_epi8(0x0f);
  const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), low_four);
  const __m128i nibbles = _mm_unpacklo_epi8(high, _mm_and_si128(bytes, low_four));
  const __m128i is_letter = _mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9));
  const __m128i letters = _mm_and_si128(is_letter, _mm_set1_epi8('a' - '0' - 10));
  const __m128i digits = _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), digits);
#else
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[word >> shift & 15];
#endif
}

const Record* next_of_type(const Event& event, const Record& r) noexcept {
  return r.next_same_type == Record::kNone ? nullptr : &event.records()[r.next_same_type];
}

std::string_view incomplete_text(event::Incomplete reason) noexcept {
  switch (reason) {
    case event::Incomplete::no:
      return "";
    case event::Incomplete::timeout:
      return "timeout";
    case event::Incomplete::evicted:
      return "evicted";
    case event::Incomplete::size:
      return "size";
    case event::Incomplete::ended:
      return "ended";
  }
  return "";
}

std::string escaped(std::string_view bytes) {
  std::string text(escaped_bound(bytes.size()), '\0');
  text.resize(static_cast<std::size_t>(escape_unpadded_to(bytes, text.data()) - text.data()));
  return text;
}

std::string host_member(const std::map<std::string, std::string>& fields) {
  if (fields.empty()) return "";
  std::string text = ",\"HOST\":";
  char separator = '{';
  for (const auto& [key, value] : fields) {
    (text += separator).append("\"").append(escaped(key)).append("\":\"");
    text.append(escaped(value)) += '"';
    separator = ',';
  }
  return text += '}';
}

}  // namespace

JsonEncoder::JsonEncoder(const Options& options, std::string node)
    : options_(options),
      names_(options.prefix),
      node_text_(node.empty() ? "" : ",\"NODE\":\"" + escaped(node) + '"'),
      time_key_(",\"" + escaped(options.time_key) + "\":\""),
      host_text_(host_member(options.host_fields)) {}

std::size_t JsonEncoder::bound(const Event& event) const noexcept {
  // event.bytes() counts each record's text and 32 bytes a field. No byte of the text is written
  // more than twice, nor as more than three bytes; keys and punctuation fit into the rest.
  std::size_t bytes = 6 * event.bytes() + kEnvelopeBound + node_text_.size() +
                      3 * event.node.size() + time_key_.size() + host_text_.size();
  if (event.has_type(type::kExecve)) bytes += kMissingArgumentsBound;
  if (event.has_type(type::kSockaddr)) bytes += kAddressBound * event.records().size();
  bytes += annotations_bound(event.annotations(), options_.prefix.size());
  return bytes;
}

std::size_t JsonEncoder::encode(const Event& event, const Hash128& uid, char* out) {
  JsonWriter w(out, keys_);
  char* const opened = w.open_object();
  put_envelope(w, event, uid);
  bool any = false;
  for (const Record& r : event.records()) {
    if (r.type == type::kEoe || !r.first_of_type) continue;
    put_type(w, event, r);
    any = true;
  }
  if (!any) return 0;
  if (const auto own = event.own_annotations(); !own.empty()) [[unlikely]]
    encode::put_annotations(w, names_, own);
  w.close_object(opened);
  w.put('\n');
  return static_cast<std::size_t>(w.out() - out);
}

void JsonEncoder::put_envelope(JsonWriter& w, const Event& event, const Hash128& uid) {
  w.put(",\"ID\":\"");
  w.put(stamps_.id(event.id));
  w.put('"');
  if (!event.node.empty()) {
    w.member("NODE");
    w.unpadded_string(event.node);
  } else {
    w.put(node_text_);
  }
  w.put(time_key_);
  w.put(stamps_.iso8601(event.id));
  char uid_text[] = "\",\"EVENT_UID\":\"0123456789abcdef0123456789abcdef\",\"SCHEMA\":1";
  static_assert(kSchemaVersion == 1, "the text above says which");
  put_hex_word(uid_text + 15, uid[0]);
  put_hex_word(uid_text + 31, uid[1]);
  w.put({uid_text, sizeof uid_text - 1});
  w.put(host_text_);
  if (event.incomplete != event::Incomplete::no) {
    w.member("INCOMPLETE");
    w.unpadded_string(incomplete_text(event.incomplete));
  }
  if (event.dropped_records != 0) {
    w.member("DROPPED_RECORDS");
    w.number(event.dropped_records);
  }
  if (event.part != 0) {
    w.member("PART");
    w.number(event.part);
  }
}

// The key of a type that no table has, or of one that the event has already.
void JsonEncoder::put_odd_type_key(JsonWriter& w, const Record& r, unsigned occurrence) {
  w.put(",\"");
  const std::string_view name = record::type_name(r.type);
  if (!name.empty()) {
    w.put(name);
  } else if (!r.type_name.empty()) {
    if (is_taken(r.type_name, options_.time_key)) w.put("type ");
    w.set_out(escape_to(r.type_name, w.out()));
  } else {
    w.put("UNKNOWN[");
    w.number(r.type);
    w.put(']');
  }
  if (occurrence != 0) {
    w.put('_');
    w.number(occurrence + 1);
  }
  w.put("\":");
}

inline void JsonEncoder::put_type_key(JsonWriter& w, const Record& r, unsigned occurrence) {
  if (const KeyTexts::Text& text = keys_.type(r.type); text.size != 0 && occurrence == 0) [[likely]]
    return w.put(text);
  put_odd_type_key(w, r, occurrence);
}

void JsonEncoder::put_type(JsonWriter& w, const Event& event, const Record& first) {
  put_type_key(w, first, 0);
  if (first.type == type::kExecve) return put_execve_object(w, event, first);
  const bool is_array = !is_object_type(first.type);
  char* const opened = w.open_object();
  const Record* r = &first;
  for (unsigned occurrence = 1;; ++occurrence) {
    if (is_array) w.put(',');
    put_object(w, event, *r);
    r = next_of_type(event, *r);
    if (r == nullptr) break;
    if (!is_array) put_type_key(w, *r, occurrence);
  }
  if (is_array) w.close_array(opened);
}

void JsonEncoder::put_execve_object(JsonWriter& w, const Event& event, const Record& first) {
  char* const opened = w.open_object();
  put_execve(w, names_, options_, event, first);
  for (const Record* r = &first; r != nullptr; r = next_of_type(event, *r))
    put_annotations(w, event, *r);
  w.close_object(opened);
}

inline void JsonEncoder::put_object(JsonWriter& w, const Event& event, const Record& r) {
  char* const opened = w.open_object();
  const std::span<const record::Field> fields = event.fields(r);
  switch (r.type) {
    case type::kSyscall:
      put_syscall(w, names_, fields);
      break;
    case type::kProctitle:
      put_proctitle(w, names_, options_, fields);
      break;
    case type::kSockaddr:
      put_sockaddr(w, names_, options_, event, fields);
      break;
    default:
      put_fields(w, names_, fields);
  }
  if (!event.annotations().empty()) put_annotations(w, event, r);
  w.close_object(opened);
}

void JsonEncoder::put_annotations(JsonWriter& w, const Event& event, const Record& r) {
  const std::span<const event::Annotation> steps = event.annotations(r);
  if (!steps.empty()) encode::put_annotations(w, names_, steps);
}

}  // namespace sorrel::encode
