#pragma once

#include <filesystem>
#include <system_error>

#include "ruleset/fields.h"
#include "ruleset/rule.h"

namespace sorrel::guest {

// Makes the folder that a rule is about, or that its file is in: so a rule on a path that only
// other hosts have can be loaded in a guest.
inline void make_folder_of(const ruleset::Rule& rule) {
  std::error_code ignored;
  for (const ruleset::Field& field : rule.fields) {
    const std::filesystem::path path = field.text;
    if (field.id == ruleset::field::kDir) std::filesystem::create_directories(path, ignored);
    if (field.id != ruleset::field::kPath) continue;
    std::filesystem::create_directories(path.parent_path(), ignored);
  }
}

}  // namespace sorrel::guest
