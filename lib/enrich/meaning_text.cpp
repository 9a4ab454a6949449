#include "enrich/meaning_text.h"

#include <bit>

#include "record/tables/names.h"

namespace sorrel::enrich {
namespace {

// Source: linux/include/uapi/linux/stat.h, S_IFMT and S_IF*: the four bits above the permissions.
constexpr std::string_view kFileTypes[16] = {
    "", "fifo", "character", "", "dir", "", "block", "", "file", "", "link", "", "socket"};
constexpr std::uint32_t kSetUid = 04000;
constexpr std::uint32_t kSetGid = 02000;
constexpr std::uint32_t kSticky = 01000;

void put_octal(TextWriter& out, std::uint32_t three_digits) noexcept {
  for (int shift = 6; shift >= 0; shift -= 3)
    out.put(static_cast<char>('0' + ((three_digits >> shift) & 7)));
}

void put_special_bits(TextWriter& out, std::uint32_t mode) noexcept {
  if ((mode & (kSetUid | kSetGid | kSticky)) == 0) return;
  if ((mode & kSetUid) != 0) out.put("suid,");
  if ((mode & kSetGid) != 0) out.put("sgid,");
  if ((mode & kSticky) != 0) out.put("sticky,");
}

}  // namespace

std::uint64_t put_flags(TextWriter& out, FlagTable table, std::uint64_t value) noexcept {
  std::uint64_t rest = 0;
  for (; value != 0; value &= value - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(value));
    const std::string_view name = flag_name(table, bit);
    if (name.empty()) {
      rest |= value & (~value + 1);
    } else {
      out.put_item(name);
    }
  }
  return rest;
}

void put_flags_and_rest(TextWriter& out, FlagTable table, std::uint64_t value) noexcept {
  const std::uint64_t rest = put_flags(out, table, value);
  if (rest != 0 && !out.is_empty()) out.put_hex_item(rest);
}

void put_mode(TextWriter& out, std::uint32_t mode) noexcept {
  put_special_bits(out, mode);
  out.put('0');
  put_octal(out, mode);
}

void put_node_mode(TextWriter& out, std::uint32_t mode) noexcept {
  const std::uint32_t type = (mode >> 12) & 0xf;
  if (kFileTypes[type].empty()) {
    put_octal(out, type);
  } else {
    out.put(kFileTypes[type]);
  }
  out.put(',');
  put_special_bits(out, mode);
  put_octal(out, mode);
}

void put_capabilities(TextWriter& out, std::uint64_t mask) noexcept {
  std::uint64_t rest = 0;
  for (; mask != 0; mask &= mask - 1) {
    const std::string_view name = record::capability_name(std::countr_zero(mask));
    if (name.empty()) {
      rest |= mask & (~mask + 1);
    } else {
      out.put_item(name, ',');
    }
  }
  if (rest != 0) out.put_hex_item(rest, ',');
}

}  // namespace sorrel::enrich
