#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "record/datagram.h"

namespace sorrel::agent {

// A datagram as an entry of the ring between intake and pipeline: a fixed header, then the bytes
// that it views, each once. Nothing of it leaves the process.

// The kernel's records, which are short and many, take the way that is inline here.

struct EntryHeader {
  std::uint64_t received_ns = 0;
  std::uint32_t payload_size = 0;
  record::RecordType type = 0;
  std::uint16_t is_text = 0;
};
static_assert(sizeof(EntryHeader) == 16);

// Only a line of text has a line, a node or a type's name.
inline bool is_text(const record::Datagram& datagram) noexcept {
  return datagram.line.data() != nullptr;
}

// The three below, for lines of text.
std::size_t text_entry_bound(const record::Datagram& datagram) noexcept;
std::size_t write_text_entry(const record::Datagram& datagram, std::span<std::byte> entry) noexcept;
void read_text_entry(std::span<const std::byte> entry, record::Datagram& datagram) noexcept;

// The room that `datagram` needs at the most, in bytes.
inline std::size_t entry_bound(const record::Datagram& datagram) noexcept {
  if (is_text(datagram)) [[unlikely]]
    return text_entry_bound(datagram);
  return sizeof(EntryHeader) + datagram.payload.size();
}

// Writes it to `entry`, which has entry_bound() bytes; returns how many it took.
inline std::size_t write_entry(const record::Datagram& datagram,
                               std::span<std::byte> entry) noexcept {
  if (is_text(datagram)) [[unlikely]]
    return write_text_entry(datagram, entry);
  const EntryHeader header{.received_ns = datagram.received_ns,
                           .payload_size = static_cast<std::uint32_t>(datagram.payload.size()),
                           .type = datagram.type,
                           .is_text = 0};
  std::memcpy(entry.data(), &header, sizeof header);
  if (header.payload_size != 0) {
    std::memcpy(entry.data() + sizeof header, datagram.payload.data(), header.payload_size);
  }
  return sizeof header + header.payload_size;
}

// The datagram of an entry; views the entry's bytes. `datagram` is as constructed.
inline void read_entry(std::span<const std::byte> entry, record::Datagram& datagram) noexcept {
  EntryHeader header;
  std::memcpy(&header, entry.data(), sizeof header);
  datagram.type = header.type;
  datagram.received_ns = header.received_ns;
  if (header.is_text != 0) [[unlikely]]
    return read_text_entry(entry, datagram);
  datagram.payload = {reinterpret_cast<const char*>(entry.data() + sizeof header),
                      header.payload_size};
}

}  // namespace sorrel::agent
