#include "ruleset/compiler_fields.h"

#include <string>

#include "ruleset/arches.h"

namespace sorrel::ruleset {
namespace {

std::string version_text(KernelVersion version) {
  return std::to_string(version.major) + '.' + std::to_string(version.minor);
}

bool is_supported(const FieldText& text, const Target& target, Findings& findings) {
  const FieldInfo& info = *text.info;
  const bool is_new = target.kernel < info.since;
  const bool lacks_feature = info.feature != 0 && (target.features & info.feature) == 0;
  if (!is_new && !lacks_feature) return true;
  findings.error(
      text.place,
      {"kernel-too-old",
       "the kernel " + version_text(target.kernel) + " does not know " + std::string(info.name) +
           ", which came with " + version_text(info.since),
       "put the rule between '#@ if kernel >= " + version_text(info.since) + "' and '#@ end'"});
  return false;
}

std::optional<std::uint32_t> find_id(const FieldText& text, const Target& target) {
  if (target.users == nullptr) {
    return text.value == "root" ? std::optional<std::uint32_t>(0) : std::nullopt;
  }
  return text.info->kind == ValueKind::user ? target.users->user_id(text.value)
                                            : target.users->group_id(text.value);
}

std::optional<std::uint32_t> compile_id(const FieldText& text, const Target& target,
                                        Findings& findings) {
  const std::optional<std::uint32_t> id = find_id(text, target);
  if (id) return id;
  const bool is_user = text.info->kind == ValueKind::user;
  const std::string what = is_user ? "user" : "group";
  const std::string_view finding = is_user ? "user-unknown" : "group-unknown";
  if (text.op == Op::equal) {
    // Nothing can run as somebody who does not exist: the rule would never match.
    findings.warning(
        text.value_place,
        {finding, "there is no " + what + " '" + text.value + "': the rule is left out",
         "nothing, when this host has no such " + what});
  } else {
    findings.error(text.value_place, {finding, "there is no " + what + " '" + text.value + "'",
                                      "give the number, or put the rule between '#@ if user " +
                                          text.value + "' and '#@ end'"});
  }
  return std::nullopt;
}

std::optional<std::uint32_t> compile_arch(const FieldText& text, const Target& target,
                                          Findings& findings) {
  const int bits = text.value.ends_with("64") ? 64 : 32;
  const std::optional<std::uint32_t> arch = arch_of_bits(target.arch, bits);
  if (!arch) {
    findings.warning(text.value_place, {"arch-not-here",
                                        "the host has no " + std::to_string(bits) +
                                            "-bit calls: the rule is left out",
                                        "nothing: it is for other hosts"});
  }
  return arch;
}

}  // namespace

std::optional<Field> compile_field(const FieldText& text, const Target& target,
                                   Findings& findings) {
  if (!is_supported(text, target, findings)) return std::nullopt;
  Field field{text.info->id, text.op, 0, {}};
  if (has_text(field.id)) {
    field.text = text.value;
    field.value = static_cast<std::uint32_t>(field.text.size());
    return field;
  }
  std::optional<std::uint32_t> number = text.number;
  if (!number) {
    number = text.info->kind == ValueKind::arch ? compile_arch(text, target, findings)
                                                : compile_id(text, target, findings);
  }
  if (!number) return std::nullopt;
  field.value = *number;
  return field;
}

}  // namespace sorrel::ruleset
