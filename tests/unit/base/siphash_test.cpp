#include "base/siphash.h"

#include <array>
#include <string>
#include <string_view>

#include "catch.h"

namespace sorrel {
namespace {

// The key and the messages of the reference vectors: the bytes 0, 1, 2 ...
std::string counting(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i);
  return bytes;
}

constexpr Hash128 kReferenceKey = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

}  // namespace

TEST_CASE("SipHash-2-4 with 128 bits gives its authors' values", "[siphash]") {
  // github.com/veorq/SipHash, vectors.h, vectors_sip128: the first bytes are the lowest.
  CHECK(siphash_128(kReferenceKey, "") == Hash128{0xe6a825ba047f81a3, 0x930255c71472f66d});
  CHECK(siphash_128(kReferenceKey, counting(1)) == Hash128{0x44af996bd8c187da, 0x45fc229b11597634});
  CHECK(siphash_128(kReferenceKey, counting(2)) == Hash128{0xc75da4a48d227781, 0xe4ff0af6de8ba3fc});
}

TEST_CASE("each byte of the message and of the key counts", "[siphash]") {
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string message = counting(size);
    const Hash128 hash = siphash_128(kReferenceKey, message);
    CHECK(siphash_128({kReferenceKey[0] ^ 1, kReferenceKey[1]}, message) != hash);
    CHECK(siphash_128({kReferenceKey[0], kReferenceKey[1] ^ 1}, message) != hash);
    CHECK(siphash_128(kReferenceKey, message + '\0') != hash);
    for (std::size_t at = 0; at < size; ++at) {
      std::string changed = message;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CHECK(siphash_128(kReferenceKey, changed) != hash);
    }
  }
}

}  // namespace sorrel
