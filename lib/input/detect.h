#pragma once

#include "input/byte_stream.h"

namespace sorrel::input {

enum class Content { text, recording };

// What a stream (unpacked already) holds, by its first bytes: a recording begins with "AUDREC",
// whatever its version, and all else is text. Takes nothing from the stream. Errors: nothing can be
// read.
Result<Content> detect_content(ByteStream& stream);

}  // namespace sorrel::input
