#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sorrel::config {

// A technique of MITRE ATT&CK: "T1059", "Command and Scripting Interpreter".
struct Technique {
  std::string id;
  std::string name;  // empty: the file does not have it

  friend bool operator==(const Technique&, const Technique&) = default;
};

// Which techniques the key of a rule stands for.
using AttackMap = std::map<std::string, std::vector<Technique>, std::less<>>;

// Reads a file in the form of rules/attack.yaml from memory; `name` stands for it in the messages.
// Errors: one line "name:line:column: message" for each problem. Any bytes are safe.
Result<AttackMap> parse_attack(std::string_view name, std::string_view text);
// Errors besides those above: see read_config_file().
Result<AttackMap> load_attack(const std::string& path);

}  // namespace sorrel::config
