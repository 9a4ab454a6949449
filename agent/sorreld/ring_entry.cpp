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

}  // namespace

std::size_t text_entry_bound(const record::Datagram& datagram) noexcept {
  return sizeof(EntryHeader) + sizeof(TextHeader) + datagram.line.size() + datagram.payload.size() +
         datagram.node.size() + datagram.type_name.size();
}

std::size_t write_text_entry(const record::Datagram& datagram,
                             std::span<std::byte> entry) noexcept {
  const EntryHeader header{
      .received_ns = datagram.received_ns, .payload_size = 0, .type = datagram.type, .is_text = 1};
  std::memcpy(entry.data(), &header, sizeof header);
  std::byte* const rest = entry.data() + sizeof header;
  Appender appender(reinterpret_cast<char*>(rest + sizeof(TextHeader)), datagram.line);
  const TextHeader places{.line = appender.line(),
                          .payload = appender.place(datagram.payload),
                          .node = appender.place(datagram.node),
                          .type_name = appender.place(datagram.type_name)};
  std::memcpy(rest, &places, sizeof places);
  return sizeof header + sizeof places + appender.size();
}

void read_text_entry(std::span<const std::byte> entry, record::Datagram& datagram) noexcept {
  TextHeader places;
  const std::byte* const rest = entry.data() + sizeof(EntryHeader);
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
}

}  // namespace sorrel::agent
