#pragma once

#include <string>

#include "sorreld/ps_source.h"

namespace sorrel::agent {

// Appends the row as the JSON object of docs/control.md, "ps". Texts are escaped as in events: a
// byte that is no printable UTF-8 is %xx, so any comm is valid JSON and loses nothing. What is
// unknown is left out.
void append_ps_row(const PsRow& row, std::string& out);

}  // namespace sorrel::agent
