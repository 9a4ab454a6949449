#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "buffer/segment_format.h"

namespace sorrel::buffer {

// AES-256-GCM of the blocks of one segment. The segment's key comes from the buffer's key and the
// segment's random salt by HKDF-SHA256, the nonce is the block's number: no two blocks that were
// ever written have both in common, since every segment, also the first after a recovery, has a
// new salt. Source: RFC 5869; NIST SP 800-38D, 8.2.1.
class SegmentCipher {
 public:
  // `secret`: the buffer's key, at least 32 bytes.
  SegmentCipher(std::string_view secret, const std::array<unsigned char, kSaltBytes>& salt);

  // The cipher text and its tag: plain.size() + kTagBytes bytes.
  std::string seal(std::uint32_t number, std::string_view authenticated,
                   std::string_view plain) const;
  // Nothing when key, number, header or text is not that which was sealed.
  std::optional<std::string> open(std::uint32_t number, std::string_view authenticated,
                                  std::string_view sealed) const;

 private:
  std::array<unsigned char, 32> key_{};
};

// 32 bytes that nobody can guess. Errors: the system has no randomness to give.
Result<std::array<unsigned char, kSaltBytes>> random_salt();

// The key in a file: its bytes, or its hex digits on one line. Errors: it cannot be read, others
// may read it, or it is shorter than 32 bytes.
Result<std::string> read_key_file(const std::string& path);

}  // namespace sorrel::buffer
