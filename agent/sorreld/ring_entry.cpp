// Records from the kernel are a short header and the payload. Lines of text carry four views more,
// which all lie within the line when an input of ours made them (record::parse_line()); one that
// does not is put behind it.

#include "sorreld/ring_entry.h"

#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

namespace sorrel::agent {
namespace {

struct Header {
  std::uint64_t received_ns = 0;
  std::uint32_t payload_size = 0;
  record::RecordType type = 0;
  std::uint16_t is_text = 0;
};
static_assert(sizeof(Header) == 16);

struct Place {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

struct TextHeader {
  Place line;
  Place payload;
  Place node;
  Place type_name;
};

bool is_within(std::string_view part, std::string_view whole) noexcept {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) &&
         not_after(part.data() + part.size(), whole.data() + whole.size());
}

// Appends text to an entry.
class Appender {
 public:
  Appender(char* bytes, std::string_view line) noexcept : bytes_(bytes), line_(line) {
    line_place_ = append(line);
  }

  Place line() const noexcept { return line_place_; }
  Place place(std::string_view text) noexcept {
    if (text.empty()) return {};
    if (!is_within(text, line_)) return append(text);
    const auto offset = static_cast<std::uint32_t>(text.data() - line_.data());
    return {line_place_.offset + offset, static_cast<std::uint32_t>(text.size())};
  }
  std::size_t size() const noexcept { return size_; }

 private:
  Place append(std::string_view text) noexcept {
    const Place place{static_cast<std::uint32_t>(size_), static_cast<std::uint32_t>(text.size())};
    if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
    size_ += text.size();
    return place;
  }

  char* bytes_;
  std::string_view line_;
  std::size_t size_ = 0;
  Place line_place_;
};

// Only a line of text has a node or a type's name.
bool is_text(const record::Datagram& datagram) noexcept {
  return datagram.line.data() != nullptr;
}

}  // namespace

std::size_t entry_bound(const record::Datagram& datagram) noexcept {
  if (!is_text(datagram)) return sizeof(Header) + datagram.payload.size();
  return sizeof(Header) + sizeof(TextHeader) + datagram.line.size() + datagram.payload.size() +
         datagram.node.size() + datagram.type_name.size();
}

std::size_t write_entry(const record::Datagram& datagram, std::span<std::byte> entry) noexcept {
  const bool text = is_text(datagram);
  const Header header{.received_ns = datagram.received_ns,
                      .payload_size = static_cast<std::uint32_t>(datagram.payload.size()),
                      .type = datagram.type,
                      .is_text = text};
  std::memcpy(entry.data(), &header, sizeof header);
  std::byte* const rest = entry.data() + sizeof header;
  if (!text) [[likely]] {
    if (header.payload_size != 0) {
      std::memcpy(rest, datagram.payload.data(), header.payload_size);
    }
    return sizeof header + header.payload_size;
  }
  Appender appender(reinterpret_cast<char*>(rest + sizeof(TextHeader)), datagram.line);
  const TextHeader places{.line = appender.line(),
                          .payload = appender.place(datagram.payload),
                          .node = appender.place(datagram.node),
                          .type_name = appender.place(datagram.type_name)};
  std::memcpy(rest, &places, sizeof places);
  return sizeof header + sizeof places + appender.size();
}

record::Datagram read_entry(std::span<const std::byte> entry) noexcept {
  Header header;
  std::memcpy(&header, entry.data(), sizeof header);
  record::Datagram datagram;
  datagram.type = header.type;
  datagram.received_ns = header.received_ns;
  const std::byte* const rest = entry.data() + sizeof header;
  if (header.is_text == 0) [[likely]] {
    datagram.payload = {reinterpret_cast<const char*>(rest), header.payload_size};
    return datagram;
  }
  TextHeader places;
  std::memcpy(&places, rest, sizeof places);
  const char* const bytes = reinterpret_cast<const char*>(rest + sizeof places);
  const auto view = [bytes](const Place& place) {
    return place.size == 0 ? std::string_view()
                           : std::string_view(bytes + place.offset, place.size);
  };
  // A line of no bytes is a line all the same: its data() is what tells text from the kernel's.
  datagram.line = {bytes + places.line.offset, places.line.size};
  datagram.payload = view(places.payload);
  datagram.node = view(places.node);
  datagram.type_name = view(places.type_name);
  return datagram;
}

}  // namespace sorrel::agent
