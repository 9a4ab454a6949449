#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sorrel::sink {

// Appends `text` as a JSON string, quotes included. Valid UTF-8 stays as it is. A byte that is none
// becomes \xNN, four characters of text: the encoders' JSON has no such byte, auditd's text may.
void append_json_string(std::string& out, std::string_view text);

// How many bytes at the beginning of `text` are one valid UTF-8 character; 0: none (overlong forms
// and surrogates too). `text` is not empty.
std::size_t utf8_length(std::string_view text) noexcept;
// True when all of it is.
bool is_utf8(std::string_view text) noexcept;

// The 32 hex digits of an event's uid, as EVENT_UID in the JSON.
void append_uid(std::string& out, const std::uint64_t (&uid)[2]);

}  // namespace sorrel::sink
