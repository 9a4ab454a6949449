#pragma once

#include <string>

#include "config/options.h"

namespace sorrel::config {

// The effective configuration as YAML: every option with the value it has, defaults included; what
// is not set (user, owner, group) is left out. For options that came from load_text(), load_text()
// reads the same options back.
std::string to_yaml(const Options& options);

}  // namespace sorrel::config
