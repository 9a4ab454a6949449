#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ruleset/lexer.h"
#include "ruleset/target.h"

// Directives: comments by which one file serves many hosts. auditctl does not see them.
//
//   #@ if arch x86_64 i386        the host's architecture is one of these
//   #@ if kernel >= 5.16          also <, =
//   #@ if user chrony             the host has one of these users
//   #@ if path /usr/sbin/snapd    one of these paths is there
//   #@ if not ...                 the opposite
//   #@ else
//   #@ end
//
//   #@ users web = www-data apache nginx
//   #@ each web                   the next rule is repeated for each of them that the host has,
//                                 in the place of the one that it names
namespace sorrel::ruleset {

struct Condition {
  enum class Kind : std::uint8_t { arch, kernel, user, path };
  Kind kind = Kind::arch;
  bool negated = false;
  std::vector<std::string> words;  // of arch, user, path
  std::string op;                  // of kernel
  KernelVersion version;
};

// "6.1"
std::optional<KernelVersion> read_kernel_version(std::string_view text) noexcept;

bool holds(const Condition& condition, const Target& target);

// What the directives of one file say at the line that was read last.
class Directives {
 public:
  static constexpr std::size_t kMaxDepth = 16;
  static constexpr std::size_t kMaxLists = 256;

  void read(const Line& line, Findings& findings);
  // Tells what is still open at the end of the file.
  void finish(Findings& findings) const;

  std::vector<Condition> conditions() const;
  // The names of the `each` before this rule; it counts for one rule.
  std::vector<std::string> take_each();

 private:
  struct Block {
    Condition condition;
    Place place;
    bool has_else = false;
  };
  void read_if(const Line& line, Findings& findings);
  void read_users(const Line& line, Findings& findings);
  void read_each(const Line& line, Findings& findings);

  std::vector<Block> blocks_;
  std::vector<std::pair<std::string, std::vector<std::string>>> lists_;
  std::vector<std::string> each_;
};

}  // namespace sorrel::ruleset
