#pragma once

#include <string>
#include <string_view>

namespace sorrel::control {

// Appends `text` as a JSON string, quotes included. A byte that is no UTF-8 becomes U+FFFD: this is
// for words and messages of ours. What audit said is escaped without loss before it comes here.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sorrel::control
