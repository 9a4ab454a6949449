#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sink/http_options.h"

namespace sorrel::sink {

// The name of a compression in a Content-Encoding header; empty for none.
std::string_view content_encoding(Compression compression) noexcept;

// Replaces `out` by the compressed body: gzip at level 1 (RFC 1952), zstd at level 1 (RFC 8878).
// Higher levels cost several times the CPU for a few percent. Errors: not_enough_memory.
Status compress(Compression compression, std::string_view body, std::string& out);

}  // namespace sorrel::sink
