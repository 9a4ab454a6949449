#pragma once

#include <cstddef>
#include <span>

#include "record/datagram.h"

namespace sorrel::agent {

// A datagram as an entry of the ring between intake and pipeline: a fixed header, then the bytes
// that it views, each once. Nothing of it leaves the process.

// The room that `datagram` needs at the most, in bytes.
std::size_t entry_bound(const record::Datagram& datagram) noexcept;

// Writes it to `entry`, which has entry_bound() bytes; returns how many it took.
std::size_t write_entry(const record::Datagram& datagram, std::span<std::byte> entry) noexcept;

// The datagram of an entry; views the entry's bytes.
record::Datagram read_entry(std::span<const std::byte> entry) noexcept;

}  // namespace sorrel::agent
