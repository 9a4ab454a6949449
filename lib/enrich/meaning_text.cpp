#include "enrich/meaning_text.h"

#include <algorithm>
#include <array>
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

// "file,000" to "file,777", one after the other: nearly every mode in a log is one of these or of
// the same for folders.
template <std::size_t Size>
consteval auto all_modes(const char (&type)[Size]) {
  constexpr std::size_t kLength = Size - 1 + 3;
  std::array<char, 512 * kLength> all{};
  for (std::size_t mode = 0; mode < 512; ++mode) {
    char* at = std::copy_n(type, Size - 1, all.data() + mode * kLength);
    for (int shift = 6; shift >= 0; shift -= 3)
      *at++ = static_cast<char>('0' + ((mode >> shift) & 7));
  }
  return all;
}
constexpr auto kFileModes = all_modes("file,");
constexpr auto kFolderModes = all_modes("dir,");

}  // namespace

std::string_view usual_node_mode(std::uint32_t mode) noexcept {
  constexpr std::uint32_t kFile = 0100000;
  constexpr std::uint32_t kFolder = 0040000;
  constexpr std::size_t kFileLength = kFileModes.size() / 512;
  constexpr std::size_t kFolderLength = kFolderModes.size() / 512;
  const std::uint32_t permissions = mode & 0777;
  if ((mode & ~0777U) == kFile) return {kFileModes.data() + permissions * kFileLength, kFileLength};
  if ((mode & ~0777U) == kFolder)
    return {kFolderModes.data() + permissions * kFolderLength, kFolderLength};
  return {};
}

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
