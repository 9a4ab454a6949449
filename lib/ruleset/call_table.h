#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sorrel::ruleset {

// The system calls of one architecture by name. The tables of lib/record are made for numbers; a
// ruleset looks up some thousand names.
class CallTable {
 public:
  explicit CallTable(std::uint32_t arch);

  std::uint32_t arch() const noexcept { return arch_; }
  // False: no table has this architecture.
  bool is_known() const noexcept { return !by_name_.empty(); }
  std::optional<std::uint32_t> number(std::string_view name) const noexcept;
  // The name most like `word`; empty when none is.
  std::string_view nearest(std::string_view word) const;

 private:
  std::uint32_t arch_;
  std::vector<std::pair<std::string_view, std::uint32_t>> by_name_;  // sorted
};

// Whether any architecture has a call of that name: it is then one that this one lacks, not a
// mistake in writing.
bool is_call_somewhere(std::string_view name) noexcept;

}  // namespace sorrel::ruleset
