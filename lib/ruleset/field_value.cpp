#include "ruleset/field_value.h"

#include <algorithm>
#include <limits>

#include "record/record_type.h"
#include "ruleset/arches.h"
#include "ruleset/names.h"
#include "ruleset/numbers.h"

namespace sorrel::ruleset {
namespace {

using Read = std::variant<FieldValue, Reason>;

constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Reason bad_value(const FieldInfo& field, std::string_view text, std::string remedy) {
  return {"value-invalid",
          quoted(text) + " is no value of " + std::string(field.name) +
              "; auditctl may take part of it, or 0, without a word",
          std::move(remedy)};
}

Reason too_large(const FieldInfo& field, std::string_view text) {
  return {"value-too-large",
          quoted(text) + " does not fit: the kernel keeps 32 bits of " + std::string(field.name) +
              ", and auditctl cuts the rest off without a word",
          "give a number that fits into 32 bits"};
}

bool looks_like_number(std::string_view text) {
  return !text.empty() && (text[0] == '-' || text[0] == '+' || (text[0] >= '0' && text[0] <= '9'));
}

// A number of 32 bits; negative ones in two's complement where they are allowed.
Read read_bits(const FieldInfo& field, std::string_view text, bool may_be_negative,
               const char* remedy) {
  const std::optional<WrittenNumber> number = read_number(text);
  if (!number || text[0] == '+' || (number->negative && !may_be_negative)) {
    return bad_value(field, text, remedy);
  }
  const std::uint64_t limit = number->negative ? kMax32 / 2 + 1 : kMax32;
  if (number->too_large || number->magnitude > limit) return too_large(field, text);
  const auto bits = static_cast<std::uint32_t>(number->magnitude);
  return FieldValue{number->negative ? 0 - bits : bits};
}

Read read_id(const FieldInfo& field, Op op, std::string_view text) {
  FieldValue value;
  if (text == "unset") {
    value.number = kUnsetId;
  } else if (looks_like_number(text)) {
    Read bits = read_bits(field, text, true, "give a number or a name");
    if (!std::holds_alternative<FieldValue>(bits)) return bits;
    value = std::get<FieldValue>(std::move(bits));
  } else {
    return value;  // a name: the target's
  }
  if (value.number != kUnsetId || field.kind == ValueKind::session) return value;
  if (field.id != field::kAuid) {
    return Reason{
        "value-unset",
        "no process has an unset " + std::string(field.name) + "; the kernel refuses the rule",
        "only auid and sessionid can be unset"};
  }
  if (op != Op::equal && op != Op::not_equal) {
    return Reason{"operator-invalid", "the kernel compares auid with unset by = and != only",
                  "write auid=unset or auid!=unset"};
  }
  return value;
}

Read read_session(const FieldInfo& field, Op op, std::string_view text) {
  if (text != "unset" && !looks_like_number(text)) {
    return bad_value(field, text, "give a number, or unset");
  }
  return read_id(field, op, text);
}

Read read_arch(const FieldInfo& field, std::string_view text) {
  if (text == "b64" || text == "b32" || text == "B64" || text == "B32") return FieldValue{};
  if (const auto number = arch_number(text)) return FieldValue{number};
  if (looks_like_number(text)) return read_bits(field, text, false, "give b64 or b32");
  return Reason{"arch-unknown", "there is no architecture " + quoted(text),
                "give b64, b32, or a machine's name as x86_64 or aarch64"};
}

Read read_message_type(const FieldInfo& field, std::string_view text) {
  if (looks_like_number(text)) return read_bits(field, text, false, "give a record type");
  const auto type = record::type_number(text);
  if (type && *type < record::type::kFirstOwn) return FieldValue{*type};
  return Reason{"msgtype-unknown", "there is no record type " + quoted(text),
                "give its name, as CWD or USER_LOGIN, or its number"};
}

Read read_exit(const FieldInfo& field, std::string_view text) {
  if (looks_like_number(text) && (text.size() < 2 || text[0] != '-' || text[1] != 'E')) {
    return read_bits(field, text, true, "give a number, or an error as -EACCES");
  }
  const bool negative = text.starts_with('-');
  const auto number = errno_number(negative ? text.substr(1) : text);
  if (!number) {
    return Reason{"errno-unknown", "there is no error " + quoted(text),
                  "give a number, or an error as -EACCES"};
  }
  FieldValue value{0 - *number};
  if (!negative) {
    value.doubt = Reason{"exit-sign",
                         "a failed call exits with -" + std::string(text) +
                             "; the positive number, which auditctl takes, never matches",
                         "write exit=-" + std::string(text) + ", as it is read here"};
  }
  return value;
}

Read read_success(const FieldInfo& field, std::string_view text) {
  if (text == "yes" || text == "true") return FieldValue{1U};
  if (text == "no" || text == "false") return FieldValue{0U};
  Read bits = read_bits(field, text, false, "write success=1 or success=0");
  if (FieldValue* const value = std::get_if<FieldValue>(&bits); value && *value->number > 1) {
    value->doubt = Reason{"value-odd", "the kernel takes " + quoted(text) + " as 1",
                          "write success=1 or success=0"};
  }
  return bits;
}

Read read_family(const FieldInfo& field, std::string_view text) {
  constexpr std::uint32_t kEndOfFamilies = 46;  // AF_MAX of Linux 5.15 and later
  if (!looks_like_number(text)) {
    const auto number = family_number(text);
    if (number) return FieldValue{number};
    return bad_value(field, text, "give a family's name, as inet, or its number");
  }
  Read bits = read_bits(field, text, false, "give a family's name, as inet, or its number");
  const FieldValue* const value = std::get_if<FieldValue>(&bits);
  if (value != nullptr && *value->number >= kEndOfFamilies) {
    return bad_value(field, text, "the families end with 45");
  }
  return bits;
}

Read read_named(const FieldInfo& field, std::string_view text,
                std::optional<std::uint32_t> (*find)(std::string_view) noexcept,
                const char* remedy) {
  if (const auto number = find(text)) return FieldValue{number};
  return read_bits(field, text, false, remedy);
}

Read read_file_type(const FieldInfo& field, std::string_view text) {
  constexpr const char* kRemedy = "give socket, link, file, block, dir, character or fifo";
  Read bits = read_named(field, text, file_type_number, kRemedy);
  const FieldValue* const value = std::get_if<FieldValue>(&bits);
  if (value != nullptr && (*value->number & ~0170000U) != 0) return bad_value(field, text, kRemedy);
  return bits;
}

Read read_comparison(const FieldInfo& field, std::string_view text) {
  Read bits = read_bits(field, text, false, "use -C, as in -C uid!=euid");
  const FieldValue* const value = std::get_if<FieldValue>(&bits);
  if (value != nullptr && !comparison_fields(*value->number)) {
    return bad_value(field, text, "use -C, as in -C uid!=euid");
  }
  return bits;
}

Read read_permission(const FieldInfo& field, std::string_view text) {
  if (const auto bits = permission_bits(text)) return FieldValue{bits};
  return bad_value(field, text, "give one or more of r, w, x and a, as perm=wa");
}

Read read_path(std::string_view text, bool is_folder) {
  // A folder may end with a slash: the kernel looks it up.
  while (is_folder && text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  if (auto problem = path_problem(text)) return *std::move(problem);
  FieldValue value;
  if (text.find("/../") != std::string_view::npos || text.ends_with("/..")) {
    value.doubt = Reason{"path-relative", "the path has '..', which follows no symbolic link",
                         "write the path without it"};
  } else if (text.find_first_of("*?") != std::string_view::npos) {
    value.doubt = Reason{"path-wildcard", "the kernel knows no wildcards: it watches this name",
                         "name each path, or its folder"};
  }
  return value;
}

Read read_text(const FieldInfo& field, std::string_view text) {
  const std::size_t limit = field.kind == ValueKind::key ? kMaxKeyBytes : kMaxPathBytes;
  if (text.size() <= limit) return FieldValue{};
  return Reason{"value-too-long",
                std::string(field.name) + " has " + std::to_string(text.size()) +
                    " bytes; the kernel takes " + std::to_string(limit),
                "shorten it"};
}

}  // namespace

Read read_value(const FieldInfo& field, Op op, std::string_view text) {
  if (text.empty()) {
    return Reason{"value-missing", std::string(field.name) + " has no value", "give one"};
  }
  switch (field.kind) {
    case ValueKind::number:
      if (field.id == field::kLoginuidSet && text != "0" && text != "1") {
        return bad_value(field, text, "write auid=unset or auid!=unset");
      }
      return read_bits(field, text, false, "give a number");
    case ValueKind::signed_number:
      return read_bits(field, text, true, "give a number");
    case ValueKind::user:
    case ValueKind::group:
      return read_id(field, op, text);
    case ValueKind::session:
      return read_session(field, op, text);
    case ValueKind::arch:
      return read_arch(field, text);
    case ValueKind::message_type:
      return read_message_type(field, text);
    case ValueKind::exit_code:
      return read_exit(field, text);
    case ValueKind::success:
      return read_success(field, text);
    case ValueKind::family:
      return read_family(field, text);
    case ValueKind::filesystem:
      return read_named(field, text, filesystem_number,
                        "give tracefs, debugfs, cgroup, cgroup2, or the magic number");
    case ValueKind::file_type:
      return read_file_type(field, text);
    case ValueKind::permission:
      return read_permission(field, text);
    case ValueKind::comparison:
      return read_comparison(field, text);
    case ValueKind::path:
      return read_path(text, field.id == field::kDir);
    case ValueKind::label:
    case ValueKind::key:
      return read_text(field, text);
  }
  return bad_value(field, text, "");
}

std::optional<Reason> path_problem(std::string_view path) {
  if (!path.starts_with('/')) {
    return Reason{"path-relative", quoted(path) + " does not begin with a slash",
                  "give the path from the root"};
  }
  if (path == "/") {
    return Reason{"path-root", "the kernel does not watch the whole file system",
                  "name folders below it"};
  }
  if (path.ends_with('/')) {
    return Reason{"path-slash", "the kernel refuses a path that ends with a slash",
                  "leave the last slash away, or write dir= for a folder"};
  }
  if (path.size() > kMaxPathBytes) {
    return Reason{"path-too-long",
                  "the path has " + std::to_string(path.size()) + " bytes; the kernel takes " +
                      std::to_string(kMaxPathBytes),
                  "shorten it"};
  }
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (end - start > kMaxNameBytes) {
      return Reason{"path-too-long", "a name in the path has more than 255 bytes", "shorten it"};
    }
    start = end + 1;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> permission_bits(std::string_view text) noexcept {
  std::uint32_t bits = 0;
  for (const char letter : text) {
    const std::size_t place = std::string_view("xXwWrRaA").find(letter);
    if (place == std::string_view::npos) return std::nullopt;
    bits |= 1U << (place / 2);
  }
  if (text.empty() || text.size() > 4) return std::nullopt;
  return bits;
}

std::string permission_letters(std::uint32_t bits) {
  std::string letters;
  if ((bits & 4) != 0) letters += 'r';
  if ((bits & 2) != 0) letters += 'w';
  if ((bits & 1) != 0) letters += 'x';
  if ((bits & 8) != 0) letters += 'a';
  return letters;
}

}  // namespace sorrel::ruleset
