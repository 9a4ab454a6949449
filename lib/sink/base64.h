#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sorrel::sink {

// RFC 4648 4, with padding.
std::string encode_base64(std::string_view bytes);
// Nothing: it is no base64. Only what encode_base64() writes is.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace sorrel::sink
