#pragma once

#include <string_view>

// Names of the small numbers in audit records. Each gives an empty view for a number that has no
// name; the views live for ever. Constant time.
namespace sorrel::record {

// "EACCES" for 13, as libaudit spells it. Records have exit=-13: give the positive number.
std::string_view errno_name(int number) noexcept;

// "inet" for 2: an address family (AF_*), as ausearch spells it.
std::string_view socket_family_name(int number) noexcept;

// "dac_override" for 1: a capability's number (not a mask), as ausearch spells it.
std::string_view capability_name(int number) noexcept;

}  // namespace sorrel::record
