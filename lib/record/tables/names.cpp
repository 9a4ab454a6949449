#include "record/tables/names.h"

#include <array>

#include "record/tables/packed_names.h"

namespace sorrel::record {
namespace {

#define SORREL_NAME(number, name) NumberedName{number, #name, false},
constexpr auto kErrnoList = std::to_array<NumberedName>({
#include "record/tables/errnos.inc"
});
constexpr auto kFamilyList = std::to_array<NumberedName>({
#include "record/tables/socket_families.inc"
});
constexpr auto kCapabilityList = std::to_array<NumberedName>({
#include "record/tables/capabilities.inc"
});
#undef SORREL_NAME

constexpr auto kErrnos = pack_names<kErrnoList>();
constexpr auto kFamilies = pack_names<kFamilyList>();
constexpr auto kCapabilities = pack_names<kCapabilityList>();

std::string_view find(const NameTable& table, int number) noexcept {
  return number < 0 ? std::string_view{} : table.find(static_cast<std::uint32_t>(number));
}

}  // namespace

std::string_view errno_name(int number) noexcept {
  return find(kErrnos.table(), number);
}

std::string_view socket_family_name(int number) noexcept {
  return find(kFamilies.table(), number);
}

std::string_view capability_name(int number) noexcept {
  return find(kCapabilities.table(), number);
}

}  // namespace sorrel::record
