#pragma once

#include <string>
#include <vector>

namespace sorrel::config {

// The name of every option, from the tables themselves, in their order, with dots between section
// and option: "events.timeout", "outputs.rotate.size". Sections are not listed, only what is in
// them, unless they have a short form ("node").
std::vector<std::string> known_keys();

}  // namespace sorrel::config
