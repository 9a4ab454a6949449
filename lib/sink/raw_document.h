#pragma once

#include <string>
#include <string_view>

#include "sink/bulk_format.h"

namespace sorrel::sink {

// The frame's bytes without the final newline.
std::string_view without_newline(std::string_view bytes) noexcept;

// Appends the frame as one JSON object on one line, its newline included: the event itself, or an
// object around the text of format raw: "@timestamp", "EVENT_UID" and "message".
void append_document(std::string& out, const BulkFrame& frame);

// Appends the frame as one JSON value: the event, or the text as a string.
void append_value(std::string& out, const BulkFrame& frame);

// Appends 2021-07-15T12:29:23.720Z.
void append_time(std::string& out, std::uint64_t time_ns);

}  // namespace sorrel::sink
