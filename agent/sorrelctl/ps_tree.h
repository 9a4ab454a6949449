#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "ps_rows.h"

namespace sorrel::sorrelctl {

// Who made whom, of sorted processes. A parent is found by its event or its start time; where a row
// has neither, its ppid counts if a process of that pid was there when it started. A parent that is
// not among the rows is not guessed: the process then stands at the root.
// Any data is safe: work is in n log n, nothing recurses, and a loop is cut open.
class PsTree {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit PsTree(const std::vector<PsProcess>& processes);

  // The index of a process's parent, or kNone.
  std::uint32_t parent(std::size_t process) const noexcept { return parent_[process]; }
  // Whether its parents led back to it.
  bool is_cut(std::size_t process) const noexcept { return is_cut_[process]; }

  // Keeps `wanted` processes and the ancestors of these. Once, before walk().
  void prune(const std::vector<bool>& wanted);
  // `processes` and all that descend from them.
  std::vector<bool> with_descendants(std::vector<bool> processes) const;

  // Calls `visit` for each process that is kept, parents first, by pid within a parent.
  // `has_next[i]`: whether the ancestor in level i, or at the end the process itself, has a sibling
  // that follows. Empty for processes at the root.
  using Visit = std::function<void(std::size_t process, const std::vector<bool>& has_next)>;
  void walk(const Visit& visit) const;

 private:
  void cut_loops();
  void link_children();

  std::vector<std::uint32_t> parent_;
  std::vector<std::uint32_t> first_child_;
  std::vector<std::uint32_t> next_sibling_;
  std::vector<bool> is_cut_;
  std::vector<bool> is_kept_;
};

}  // namespace sorrel::sorrelctl
