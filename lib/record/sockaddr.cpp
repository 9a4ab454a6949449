#include "record/sockaddr.h"

#include <algorithm>
#include <charconv>

#include "record/tables/names.h"

namespace sorrel::record {
namespace {

// How a part's bytes are read: host_* in the byte order of the machine, network_* highest first.
enum class Form : std::uint8_t {
  host_number,
  host_signed,
  host_hex,
  network_number,
  network_hex,
  ipv4,
  ipv6,
  bytes,         // all of them
  c_string,      // up to a NUL
  hex_digits,    // "0102"
  link_address,  // "01:02", as many bytes as the byte before says
};

struct Part {
  std::string_view key;
  std::size_t offset;
  std::size_t size;
  Form form;
};

// The address of a family whose struct has the same fields in every case.
struct Layout {
  int family;
  std::size_t needed;  // bytes that must be there; parts behind them are optional
  std::size_t laurel;  // bytes that LAUREL wants; 0: it does not know the family
  std::array<Part, SockAddr::kMaxFields - 1> parts;
};

// The numbers of the families are the same on all architectures (linux/include/linux/socket.h).
constexpr int kLocal = 1;
constexpr auto kLayouts = std::to_array<Layout>({
    {0, 2, 0, {}},
    {2, 8, 16, {{{"addr", 4, 4, Form::ipv4}, {"port", 2, 2, Form::network_number}}}},
    {3, 9, 16, {{{"call", 2, 7, Form::bytes}}}},
    {4,
     15,
     16,
     {{{"network", 4, 4, Form::network_hex},
       {"node", 8, 6, Form::hex_digits},
       {"port", 2, 2, Form::network_number},
       {"type", 14, 1, Form::host_number}}}},
    {8,
     12,
     12,
     {{{"itf", 4, 2, Form::host_signed},
       {"vpi", 6, 2, Form::host_signed},
       {"vci", 8, 4, Form::host_signed}}}},
    {9, 18, 18, {{{"addr", 2, 16, Form::bytes}}}},
    {10,
     24,
     28,
     {{{"addr", 8, 16, Form::ipv6},
       {"port", 2, 2, Form::network_number},
       {"flowinfo", 4, 4, Form::network_number},
       {"scope_id", 24, 4, Form::host_number}}}},
    {16, 12, 12, {{{"pid", 4, 4, Form::host_number}, {"groups", 8, 4, Form::host_hex}}}},
    {17,
     12,
     0,
     {{{"protocol", 2, 2, Form::network_number},
       {"ifindex", 4, 4, Form::host_signed},
       {"hatype", 8, 2, Form::host_number},
       {"pkttype", 10, 1, Form::host_number},
       {"addr", 12, 0, Form::link_address}}}},
    {29, 8, 0, {{{"ifindex", 4, 4, Form::host_signed}}}},
    {38, 88, 0, {{{"type", 2, 14, Form::c_string}, {"name", 24, 64, Form::c_string}}}},
    {39,
     16,
     0,
     {{{"dev_idx", 4, 4, Form::host_number},
       {"target_idx", 8, 4, Form::host_number},
       {"nfc_protocol", 12, 4, Form::host_number}}}},
    {40, 12, 16, {{{"cid", 8, 4, Form::host_number}, {"port", 4, 4, Form::host_number}}}},
    {42, 12, 0, {{{"node", 4, 4, Form::host_number}, {"port", 8, 4, Form::host_number}}}},
    {44,
     16,
     0,
     {{{"flags", 2, 2, Form::host_number},
       {"ifindex", 4, 4, Form::host_number},
       {"queue_id", 8, 4, Form::host_number},
       {"shared_umem_fd", 12, 4, Form::host_number}}}},
});
static_assert(std::ranges::is_sorted(kLayouts, {}, &Layout::family));

std::uint32_t read_number(std::string_view bytes, bool big_endian) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = big_endian ? i : bytes.size() - 1 - i;
    number = number << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return number;
}

std::int64_t read_signed(std::string_view bytes, bool big_endian) noexcept {
  const std::uint32_t number = read_number(bytes, big_endian);
  if (bytes.size() == 2) return static_cast<std::int16_t>(number);
  return static_cast<std::int32_t>(number);
}

// Writes into the address's own buffer, which has room for the longest text that any part makes.
class Writer {
 public:
  explicit Writer(std::array<char, SockAddr::kMaxText>& buffer) : buffer_(buffer) {}
  std::string_view text() const noexcept { return {buffer_.data(), size_}; }

  void put(char c) noexcept {
    if (size_ < buffer_.size()) buffer_[size_++] = c;
  }
  void number(std::uint32_t value, int base) noexcept {
    const auto [end, error] =
        std::to_chars(buffer_.data() + size_, buffer_.data() + buffer_.size(), value, base);
    if (error == std::errc()) size_ = static_cast<std::size_t>(end - buffer_.data());
  }
  void hex_byte(char byte) noexcept {
    constexpr std::string_view kDigits = "0123456789abcdef";
    put(kDigits[static_cast<unsigned char>(byte) >> 4]);
    put(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  void ipv4(std::string_view bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i > 0) put('.');
      number(static_cast<unsigned char>(bytes[i]), 10);
    }
  }
  void ipv6(std::string_view bytes) noexcept;

 private:
  std::array<char, SockAddr::kMaxText>& buffer_;
  std::size_t size_ = 0;
};

// RFC 5952: the longest run of at least two zero groups, the first of equal ones, becomes "::"; an
// IPv4-mapped address (RFC 4291, 2.5.5.2) ends in dotted form.
void Writer::ipv6(std::string_view bytes) noexcept {
  constexpr std::size_t kGroups = 8;
  std::array<std::uint32_t, kGroups> group;
  for (std::size_t i = 0; i < kGroups; ++i) group[i] = read_number(bytes.substr(2 * i, 2), true);
  std::size_t gap = kGroups;
  std::size_t gap_size = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t end = i;
    while (end < kGroups && group[end] == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
  }
  const bool is_mapped = gap == 0 && gap_size == 5 && group[5] == 0xffff;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      put(':');
      put(':');
      i += gap_size - 1;
      continue;
    }
    if (i > 0 && i != gap + gap_size) put(':');
    if (is_mapped && i == 6) return ipv4(bytes.substr(12));
    number(group[i], 16);
  }
}

class Decoder {
 public:
  Decoder(std::string_view raw, bool big_endian, SockAddr& out)
      : raw_(raw), big_endian_(big_endian), out_(out) {}

  void run() noexcept {
    constexpr std::size_t kFamilySize = 2;
    if (raw_.size() < kFamilySize) return;
    out_.family = static_cast<int>(read_number(raw_.substr(0, kFamilySize), big_endian_));
    add_family();
    if (out_.family == kLocal) return decode_local();
    const auto* const found = std::ranges::lower_bound(kLayouts, out_.family, {}, &Layout::family);
    if (found == kLayouts.end() || found->family != out_.family) {
      out_.state = SockAddr::State::unknown_family;
    } else if (raw_.size() >= found->needed) {
      decode_layout(*found);
    }
  }

 private:
  void add(const SockAddrField& field) noexcept { out_.field[out_.field_count++] = field; }
  void add_text(std::string_view key, std::string_view text) noexcept {
    add({.key = key, .text = text, .kind = SockAddrField::Kind::text});
  }
  void add_bytes(std::string_view key, std::string_view bytes) noexcept {
    add({.key = key, .text = bytes, .kind = SockAddrField::Kind::bytes});
  }
  void add_number(std::string_view key, std::int64_t number) noexcept {
    add({.key = key, .text = {}, .number = number, .kind = SockAddrField::Kind::number});
  }
  void add_hex(std::string_view key, std::int64_t number) noexcept {
    add({.key = key, .text = {}, .number = number, .kind = SockAddrField::Kind::hex_number});
  }

  // A number without a name is "unknown(99)", as it is among users.
  void add_family() noexcept {
    const std::string_view name = socket_family_name(out_.family);
    if (!name.empty()) return add_text("saddr_fam", name);
    Writer writer(out_.buffer);
    for (const char c : std::string_view("unknown(")) writer.put(c);
    writer.number(static_cast<std::uint32_t>(out_.family), 10);
    writer.put(')');
    add_text("saddr_fam", writer.text());
  }

  // The kernel takes the length that the program gives as the length of an abstract name, so that
  // NUL bytes at its end belong to it, too; but programs that give sizeof(struct sockaddr_un) mean
  // what stands before them, and so does everybody who reads the name.
  void decode_local() noexcept {
    constexpr std::size_t kWhole = 110;
    out_.state = SockAddr::State::ok;
    out_.is_decoded_by_laurel = raw_.size() >= kWhole;
    std::string_view path = raw_.substr(2, kWhole - 2);
    if (path.size() > 1 && path.front() == '\0' &&
        path.find_first_not_of('\0') != std::string_view::npos) {
      out_.is_abstract = true;
      path.remove_prefix(1);
      path = path.substr(0, path.find_last_not_of('\0') + 1);
    } else {
      path = path.substr(0, path.find('\0'));
    }
    add_bytes("path", path);
  }

  void decode_layout(const Layout& layout) noexcept {
    out_.state = SockAddr::State::ok;
    out_.is_decoded_by_laurel = layout.laurel != 0 && raw_.size() >= layout.laurel;
    for (const Part& part : layout.parts) {
      if (!part.key.empty() && part.offset + part.size <= raw_.size()) decode_part(part);
    }
  }

  void decode_part(const Part& part) noexcept {
    const std::string_view bytes = raw_.substr(part.offset, part.size);
    Writer writer(out_.buffer);
    switch (part.form) {
      case Form::host_number:
        return add_number(part.key, read_number(bytes, big_endian_));
      case Form::host_signed:
        return add_number(part.key, read_signed(bytes, big_endian_));
      case Form::host_hex:
        return add_hex(part.key, read_number(bytes, big_endian_));
      case Form::network_number:
        return add_number(part.key, read_number(bytes, true));
      case Form::network_hex:
        return add_hex(part.key, read_number(bytes, true));
      case Form::bytes:
        return add_bytes(part.key, bytes);
      case Form::c_string:
        return add_bytes(part.key, bytes.substr(0, bytes.find('\0')));
      case Form::ipv4:
        writer.ipv4(bytes);
        break;
      case Form::ipv6:
        writer.ipv6(bytes);
        break;
      case Form::hex_digits:
        for (const char byte : bytes) writer.hex_byte(byte);
        break;
      case Form::link_address:
        if (!write_link_address(part.offset, writer)) return;
        break;
    }
    add_text(part.key, writer.text());
  }

  // False when the length is none that the struct has room for, or the bytes are not all there.
  bool write_link_address(std::size_t offset, Writer& writer) const noexcept {
    constexpr std::size_t kMaxLength = 8;
    const std::size_t length = static_cast<unsigned char>(raw_[offset - 1]);
    if (length == 0 || length > kMaxLength || offset + length > raw_.size()) return false;
    for (std::size_t i = 0; i < length; ++i) {
      if (i > 0) writer.put(':');
      writer.hex_byte(raw_[offset + i]);
    }
    return true;
  }

  std::string_view raw_;
  bool big_endian_;
  SockAddr& out_;
};

}  // namespace

void decode_sockaddr(std::string_view raw, bool big_endian, SockAddr& out) noexcept {
  out.state = SockAddr::State::too_short;
  out.family = -1;
  out.is_abstract = false;
  out.is_decoded_by_laurel = false;
  out.field_count = 0;
  Decoder(raw, big_endian, out).run();
}

}  // namespace sorrel::record
