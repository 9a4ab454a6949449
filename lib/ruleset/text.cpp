#include "ruleset/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "record/record_type.h"
#include "record/tables/arch.h"
#include "record/tables/names.h"
#include "record/tables/syscalls.h"
#include "ruleset/arches.h"
#include "ruleset/field_value.h"
#include "ruleset/fields.h"
#include "ruleset/names.h"

namespace sorrel::ruleset {
namespace {

constexpr char kKeySeparator = '\x01';

void append_word(std::string_view word, std::string& out) {
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\%03o", byte);
      out += code.data();
      continue;
    }
    if (c == ' ' || c == '\\' || c == '"' || c == '\'') out += '\\';
    out += c;
  }
}

bool has_all_calls(const Rule& rule) noexcept {
  return std::all_of(rule.mask.begin(), rule.mask.end() - 1,
                     [](std::uint32_t word) { return word == 0xffffffff; }) &&
         (rule.mask.back() & 0xffff) == 0xffff;
}

// Behind -k it would be read as an option.
bool is_like_option(std::string_view keys) noexcept {
  const std::string next{kKeySeparator, '-'};
  return keys.starts_with('-') || keys.find(next) != std::string_view::npos;
}

// A rule on the name of what is a folder there: the reader of -w would take it for one on the
// folder.
bool is_read_as_folder(const Field& field, const Target& target) {
  return field.id == field::kPath && target.paths != nullptr &&
         target.paths->kind(field.text) == PathKind::folder;
}

bool is_watch(const Rule& rule, const Target& target) {
  const std::size_t count = rule.fields.size();
  if (rule.list != List::exit || rule.action != Action::always || rule.prepend) return false;
  if (count < 2 || count > 3 || !has_all_calls(rule)) return false;
  const bool has_path = rule.fields[0].id == field::kPath || rule.fields[0].id == field::kDir;
  return has_path && !rule.fields[0].text.ends_with('/') && rule.fields[1].id == field::kPerm &&
         rule.fields[1].value != 0 && rule.fields[1].value <= 15 &&
         (count == 2 ||
          (rule.fields[2].id == field::kKey && !is_like_option(rule.fields[2].text))) &&
         std::ranges::all_of(rule.fields, [](const Field& one) { return one.op == Op::equal; }) &&
         !is_read_as_folder(rule.fields[0], target);
}

std::string signed_text(std::uint32_t value) {
  return std::to_string(static_cast<std::int32_t>(value));
}

std::string hex_text(std::uint32_t value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%X", value);
  return text.data();
}

std::string name_or_number(std::string_view name, std::uint32_t value) {
  return name.empty() ? std::to_string(value) : std::string(name);
}

class Writer {
 public:
  Writer(const Rule& rule, const Target& target, TextStyle style)
      : rule_(rule), target_(target), style_(style) {}

  std::string write() {
    if (is_watch(rule_, target_)) {
      write_watch();
    } else {
      write_rule();
    }
    return std::move(out_);
  }

  std::string number_text(const Field& field) const {
    const FieldInfo* const info = find_field(field.id);
    return info != nullptr ? value_text(*info, field.value) : std::to_string(field.value);
  }

 private:
  void write_watch() {
    out_ += "-w ";
    append_word(rule_.fields[0].text, out_);
    // Without the slash, the reader could not tell a folder that is not there yet.
    if (rule_.fields[0].id == field::kDir) out_ += '/';
    out_ += " -p " + permission_letters(rule_.fields[1].value);
    if (rule_.fields.size() == 3) write_keys(rule_.fields[2], " -k ");
  }

  void write_rule() {
    out_ += rule_.prepend ? "-A " : "-a ";
    out_ += action_name(rule_.action);
    out_ += ',';
    out_ += list_name(rule_.list);
    // Calls follow the architecture that their numbers are of.
    std::size_t before_calls = 0;
    for (std::size_t i = 0; i < rule_.fields.size(); ++i) {
      if (rule_.fields[i].id == field::kArch) before_calls = i + 1;
    }
    for (std::size_t i = 0; i < before_calls; ++i) write_field(rule_.fields[i]);
    write_calls(before_calls == 0 ? target_.arch : rule_.fields[before_calls - 1].value);
    for (std::size_t i = before_calls; i < rule_.fields.size(); ++i) write_field(rule_.fields[i]);
  }

  void write_calls(std::uint32_t arch) {
    if (rule_.list != List::exit && rule_.list != List::io_uring) return;
    if (has_all_calls(rule_)) {
      out_ += " -S all";
      return;
    }
    const char* separator = " -S ";
    for (std::uint32_t number = 0; number < Rule::kMaskWords * 32; ++number) {
      if ((rule_.mask[number / 32] >> (number % 32) & 1U) == 0) continue;
      out_ += separator;
      out_ += name_or_number(
          rule_.list == List::io_uring ? uring_op_name(number) : record::syscall_name(arch, number),
          number);
      separator = ",";
    }
  }

  void write_keys(const Field& field, std::string_view option) {
    std::string_view rest = field.text;
    while (true) {
      const std::size_t end = rest.find(kKeySeparator);
      out_ += option;
      append_word(rest.substr(0, end), out_);
      if (end == std::string_view::npos) return;
      rest.remove_prefix(end + 1);
    }
  }

  void write_field(const Field& field) {
    if (field.id == field::kKey) return write_keys(field, " -F key=");
    if (field.id == field::kFieldCompare) {
      if (const auto pair = comparison_fields(field.value)) {
        out_ += " -C ";
        out_ += pair->left;
        out_ += op_symbol(field.op);
        out_ += pair->right;
        return;
      }
    }
    const FieldInfo* const info = find_field(field.id);
    out_ += " -F ";
    out_ += info != nullptr ? std::string(info->name) : "f" + std::to_string(field.id);
    out_ += op_symbol(field.op);
    if (has_text(field.id)) {
      append_word(field.text, out_);
    } else {
      out_ += number_text(field);
    }
  }

  std::string value_text(const FieldInfo& info, std::uint32_t value) const {
    switch (info.kind) {
      case ValueKind::arch:
        return arch_text(value);
      case ValueKind::user:
      case ValueKind::group:
      case ValueKind::session:
        return id_text(info.kind, value);
      case ValueKind::message_type: {
        const bool is_known = value < record::type::kFirstOwn;
        return name_or_number(is_known ? record::type_name(static_cast<record::RecordType>(value))
                                       : std::string_view{},
                              value);
      }
      case ValueKind::exit_code: {
        const std::string_view name =
            record::errno_name(value < 0x80000000 ? 0 : static_cast<int>(0 - value));
        return name.empty() ? signed_text(value) : "-" + std::string(name);
      }
      case ValueKind::file_type:
        return name_or_number(file_type_name(value), value);
      case ValueKind::filesystem:
        return name_or_number(filesystem_name(value), value);
      case ValueKind::permission:
        return value != 0 && value <= 15 ? permission_letters(value) : std::to_string(value);
      case ValueKind::signed_number:
        return hex_text(value);
      case ValueKind::family:
        return name_or_number(style_.resolve
                                  ? record::socket_family_name(static_cast<int>(value & 0xff))
                                  : std::string_view{},
                              value);
      default:
        return std::to_string(value);
    }
  }

  std::string arch_text(std::uint32_t value) const {
    if (!style_.resolve) {
      if (arch_of_bits(target_.arch, 64) == value) return "b64";
      if (arch_of_bits(target_.arch, 32) == value) return "b32";
    }
    const std::string_view name = record::arch_name(value);
    return arch_number(name) == value ? std::string(name) : hex_text(value);
  }

  std::string id_text(ValueKind kind, std::uint32_t value) const {
    if (value == kUnsetId) return style_.resolve ? "unset" : "-1";
    if (style_.resolve && target_.users != nullptr && kind != ValueKind::session) {
      const auto name = kind == ValueKind::user ? target_.users->user_name(value)
                                                : target_.users->group_name(value);
      if (name) return std::string(*name);
    }
    return std::to_string(value);
  }

  const Rule& rule_;
  const Target& target_;
  TextStyle style_;
  std::string out_;
};

}  // namespace

std::string rule_text(const Rule& rule, const Target& target, TextStyle style) {
  return Writer(rule, target, style).write();
}

std::string field_value_text(const Field& field, const Target& target, TextStyle style) {
  if (has_text(field.id)) return field.text;
  const Rule none;
  return Writer(none, target, style).number_text(field);
}

}  // namespace sorrel::ruleset
