#pragma once

#include <string>

namespace sorrel::ruleset {

// `path` below the folder `root` with every symbolic link followed, as a process would find it
// whose root that folder is. Without `root` at its begin; empty when nothing is there.
std::string real_path_below(const std::string& root, const std::string& path);

}  // namespace sorrel::ruleset
