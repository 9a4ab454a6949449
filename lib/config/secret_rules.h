#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "enrich/options.h"

namespace sorrel::config {

inline constexpr std::size_t kMaxSecretRules = 512;

// Reads a file of secret rules from memory; `name` stands for it in the messages. The patterns are
// taken as they are: enrich::Secrets::make() compiles them, and names their place when it cannot.
// Errors: one line "name:line:column: message" for each problem. Any bytes are safe.
Result<std::vector<enrich::SecretRule>> parse_secret_rules(std::string_view name,
                                                           std::string_view text);

// The rules of all files, in their order. Errors besides those above: see read_config_file().
Result<std::vector<enrich::SecretRule>> load_secret_rules(const std::vector<std::string>& paths);

}  // namespace sorrel::config
