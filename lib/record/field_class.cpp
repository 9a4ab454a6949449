#include "record/field_class.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "record/argument_key.h"
#include "record/name_hash.h"

namespace sorrel::record {
namespace {

constexpr auto kKeys = std::to_array<KeyInfo>({
    {},
#define SORREL_KEY(constant, name, cls, role) {name, FieldClass::cls, KeyRole::role},
#include "record/field_keys.inc"
#undef SORREL_KEY
});
static_assert(kKeys.size() == kKeyCount + 1u);
static_assert(std::ranges::is_sorted(kKeys, {}, &KeyInfo::name));

constexpr NameHash<kKeyCount, 10> kKeyHash([](std::size_t i) { return kKeys[i + 1].name; });

constexpr RecordType kFirstIntegrity = 1800;
constexpr RecordType kLastIntegrity = 1899;
constexpr RecordType kFirstAppArmor = 1500;
constexpr RecordType kLastAppArmor = 1599;
constexpr RecordType kAvcPath = 1402;
constexpr RecordType kIpeAccess = 1420;
constexpr RecordType kLandlockAccess = 1423;
constexpr RecordType kCryptoKeyUser = 2404;

// The security modules write dev= as an untrusted string (a file system's name); PATH writes
// major:minor there and ANOM_PROMISCUOUS a bare interface name, which may look like hex.
// Source: linux/security/lsm_audit.c, integrity_audit.c; net/core/dev.c.
constexpr bool has_untrusted_dev(RecordType type) noexcept {
  return type == type::kAvc || type == kAvcPath || type == kIpeAccess || type == kLandlockAccess ||
         (type >= kFirstIntegrity && type <= kLastIntegrity) ||
         (type >= kFirstAppArmor && type <= kLastAppArmor);
}

FieldClass class_of_unknown(std::string_view key) noexcept {
  if (key.ends_with("uid") || key.ends_with("gid")) return FieldClass::decimal;
  if (key.ends_with("UID") || key.ends_with("GID")) return FieldClass::escaped;
  return FieldClass::unclassified;
}

FieldClass class_in_execve(KeyId id, std::string_view key) noexcept {
  const ArgumentKey argument = parse_argument_key(key);
  switch (argument.kind) {
    case ArgumentKey::Kind::none:
      return id == kUnknownKey ? class_of_unknown(key) : key_info(id).cls;
    case ArgumentKey::Kind::length:
      return FieldClass::argument_length;
    case ArgumentKey::Kind::whole:
    case ArgumentKey::Kind::fragment:
      return FieldClass::argument;
  }
  return FieldClass::unclassified;
}

// Records of ours: a line that was no record is in hex; any other name that no table has is a
// number when it looks like one.
FieldClass class_in_own(KeyId id, std::string_view key) noexcept {
  if (key == "line") return FieldClass::escaped;
  return id == kUnknownKey ? FieldClass::decimal : key_info(id).cls;
}

}  // namespace

KeyId find_key(std::string_view key) noexcept {
  const std::uint16_t place = kKeyHash.candidate(key);
  if (place == kKeyHash.kNone || !detail::equal_names(kKeys[place + 1u].name, key))
    return kUnknownKey;
  return static_cast<KeyId>(place + 1);
}

const KeyInfo& key_info(KeyId id) noexcept {
  return kKeys[id <= kKeyCount ? id : kUnknownKey];
}

FieldClass class_of(RecordType type, KeyId id, std::string_view key) noexcept {
  if (type >= type::kFirstOwn && type != type::kUnknownName) return class_in_own(id, key);
  if (type == type::kExecve) return class_in_execve(id, key);
  switch (id) {
    case kUnknownKey:
      // `line`, the bytes that are no record, is always hex.
      return type == type::kSorrelUnparsed ? FieldClass::escaped : class_of_unknown(key);
    case key::kA0:
    case key::kA1:
    case key::kA2:
    case key::kA3:
      return type == type::kSyscall ? FieldClass::hex_number : FieldClass::text;
    case key::kData:
      return type == type::kTty ? FieldClass::tty_data : FieldClass::escaped;
    case key::kDev:
      return has_untrusted_dev(type) ? FieldClass::escaped : FieldClass::text;
    case key::kFp:
      return type == kCryptoKeyUser ? FieldClass::text : FieldClass::hex_number;
    case key::kProctitle:
      return type == type::kProctitle ? FieldClass::proctitle : FieldClass::escaped;
    case key::kSaddr:
      return type == type::kSockaddr ? FieldClass::sockaddr : FieldClass::text;
    default:
      return key_info(id).cls;
  }
}

FieldClass class_in_message(KeyId id) noexcept {
  switch (key_info(id).cls) {
    case FieldClass::unclassified:
      return FieldClass::unclassified;
    case FieldClass::escaped:
    case FieldClass::proctitle:
    case FieldClass::tty_data:
      return FieldClass::escaped;
    default:
      return FieldClass::text;
  }
}

bool is_hex_encoded(std::string_view bare) noexcept {
  return !bare.empty() && bare.size() % 2 == 0 &&
         std::ranges::all_of(bare, [](char c) { return hex_value(c) != kNotHex; });
}

bool looks_hex_encoded(std::string_view bare) noexcept {
  if (!is_hex_encoded(bare)) return false;
  bool has_letter = false;
  bool is_forced = false;
  for (std::size_t i = 0; i < bare.size(); i += 2) {
    if (bare[i] >= 'a' || bare[i + 1] >= 'a') return false;
    has_letter |= bare[i] >= 'A' || bare[i + 1] >= 'A';
    const unsigned byte = hex_value(bare[i]) * 16u + hex_value(bare[i + 1]);
    is_forced |= byte < 0x21 || byte > 0x7e || byte == '"';
  }
  return has_letter && is_forced;
}

}  // namespace sorrel::record
