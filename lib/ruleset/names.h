#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Names of the numbers that rules have, both ways. Those of records (errnos, address families,
// message types) come from lib/record's tables.
namespace sorrel::ruleset {

std::optional<std::uint32_t> errno_number(std::string_view name) noexcept;
// "inet", "AF_INET" and "INET" are all 2.
std::optional<std::uint32_t> family_number(std::string_view name);

std::optional<std::uint32_t> file_type_number(std::string_view name) noexcept;
std::string_view file_type_name(std::uint32_t mode) noexcept;

std::optional<std::uint32_t> filesystem_number(std::string_view name) noexcept;
std::string_view filesystem_name(std::uint32_t magic) noexcept;

// Operations of io_uring. Source: linux/include/uapi/linux/io_uring.h, enum io_uring_op, up
// to 6.18.
std::optional<std::uint32_t> uring_op_number(std::string_view name) noexcept;
std::string_view uring_op_name(std::uint32_t number) noexcept;

// That of `names` which is most like `word`, for "did you mean"; empty when none is.
std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& names);

}  // namespace sorrel::ruleset
