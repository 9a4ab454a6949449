#pragma once

#include <string>

namespace sorrel::agent {

// A text that changes when ROOT/etc/passwd or ROOT/etc/group is written or replaced.
std::string users_version(const std::string& root);

}  // namespace sorrel::agent
