#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "ruleset/rule.h"

// Rules for tests, as a compiler would make them.
namespace sorrel::ruleset {

inline constexpr std::uint32_t kArch64 = 0xc000003e;

// -a always,exit -F arch=b64 -S CALL... -F uid=UID -F key=KEY
Rule call_rule(std::initializer_list<unsigned> calls, std::uint32_t uid, const std::string& key);
// The same without arch and uid: -a always,exit -S CALL -F key=KEY.
Rule bare_rule(unsigned call, const std::string& key);
// -w PATH -p wa -k KEY
Rule watch_rule(const std::string& path, const std::string& key);
// -a never,exclude -F msgtype=TYPE
Rule exclude_rule(std::uint32_t type);
// -a never,filesystem -F fstype=TYPE
Rule filesystem_rule(std::uint32_t type);

// Any rule of a small world, so that random ones are often equal and often overlap: the lists that
// the kernel's matching is modelled for, few calls, users, paths and keys.
Rule random_rule(std::mt19937& random);
std::vector<Rule> random_rules(std::mt19937& random, std::size_t count);
// A later version of `rules`: some gone, some new, some moved, some unchanged.
std::vector<Rule> edited(std::mt19937& random, std::vector<Rule> rules);

}  // namespace sorrel::ruleset
