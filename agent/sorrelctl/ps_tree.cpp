#include "ps_tree.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sorrel::sorrelctl {
namespace {

constexpr std::uint32_t kNone = PsTree::kNone;

// Finds processes by what names them.
class Index {
 public:
  explicit Index(const std::vector<PsProcess>& processes)
      : processes_(processes), by_event_(processes.size()) {
    std::iota(by_event_.begin(), by_event_.end(), 0u);
    std::sort(by_event_.begin(), by_event_.end(), [this](std::uint32_t a, std::uint32_t b) {
      return event_of(processes_[a].key) < event_of(processes_[b].key);
    });
  }

  std::uint32_t parent_of(const PsProcess& child) const {
    if (child.parent.has_event()) return with_event(child.parent);
    if (child.parent.start_ms != 0) return with_start(child.parent);
    const std::uint32_t pid = child.parent.pid != 0 ? child.parent.pid : child.ppid;
    return pid == 0 ? kNone : running_at(pid, child.key.start_ms);
  }

 private:
  using Event = std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>;
  static Event event_of(const PsKey& key) noexcept {
    return {key.pid, key.event_ms, key.event_serial};
  }
  static std::tuple<std::uint32_t, std::uint64_t> start_of(const PsKey& key) noexcept {
    return {key.pid, key.start_ms};
  }

  std::uint32_t with_event(const PsKey& key) const {
    const auto found = std::lower_bound(by_event_.begin(), by_event_.end(), event_of(key),
                                        [this](std::uint32_t process, const Event& wanted) {
                                          return event_of(processes_[process].key) < wanted;
                                        });
    if (found == by_event_.end() || event_of(processes_[*found].key) != event_of(key)) return kNone;
    return *found;
  }

  std::uint32_t with_start(const PsKey& key) const {
    const auto found = std::lower_bound(processes_.begin(), processes_.end(), start_of(key),
                                        [](const PsProcess& process, const auto& wanted) {
                                          return start_of(process.key) < wanted;
                                        });
    if (found == processes_.end() || start_of(found->key) != start_of(key)) return kNone;
    return static_cast<std::uint32_t>(found - processes_.begin());
  }

  // The process that had `pid` at a time; at an unknown time (0), the last one that had it.
  std::uint32_t running_at(std::uint32_t pid, std::uint64_t ms) const {
    const auto wanted = std::tuple(pid, ms == 0 ? UINT64_MAX : ms);
    const auto after = std::upper_bound(
        processes_.begin(), processes_.end(), wanted,
        [](const auto& time, const PsProcess& process) { return time < start_of(process.key); });
    if (after == processes_.begin()) return kNone;
    const auto found = after - 1;
    const bool had_ended = ms != 0 && found->has_exited() && found->exited_ms < ms;
    if (found->key.pid != pid || had_ended) return kNone;
    return static_cast<std::uint32_t>(found - processes_.begin());
  }

  const std::vector<PsProcess>& processes_;
  std::vector<std::uint32_t> by_event_;
};

}  // namespace

PsTree::PsTree(const std::vector<PsProcess>& processes)
    : parent_(processes.size(), kNone),
      is_cut_(processes.size(), false),
      is_kept_(processes.size(), true) {
  const Index index(processes);
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const std::uint32_t parent = index.parent_of(processes[i]);
    parent_[i] = parent == i ? kNone : parent;
  }
  cut_loops();
  link_children();
}

// Follows each way up as far as nobody has gone yet. Who meets the own way has found a loop.
void PsTree::cut_loops() {
  std::vector<std::uint32_t> seen_by(parent_.size(), kNone);
  for (std::uint32_t start = 0; start < parent_.size(); ++start) {
    std::uint32_t at = start;
    while (seen_by[at] == kNone) {
      seen_by[at] = start;
      const std::uint32_t up = parent_[at];
      if (up == kNone) break;
      if (seen_by[up] == start) {
        // `up` is the first of the loop that was met: its lowest pid, if the way began there.
        parent_[up] = kNone;
        is_cut_[up] = true;
        break;
      }
      at = up;
    }
  }
}

void PsTree::link_children() {
  first_child_.assign(parent_.size(), kNone);
  next_sibling_.assign(parent_.size(), kNone);
  // Backwards, since each goes before those that are there.
  for (std::size_t i = parent_.size(); i-- > 0;) {
    if (parent_[i] == kNone || !is_kept_[i]) continue;
    next_sibling_[i] = first_child_[parent_[i]];
    first_child_[parent_[i]] = static_cast<std::uint32_t>(i);
  }
}

void PsTree::prune(const std::vector<bool>& wanted) {
  is_kept_.assign(parent_.size(), false);
  for (std::uint32_t i = 0; i < parent_.size(); ++i) {
    if (!wanted[i]) continue;
    for (std::uint32_t at = i; at != kNone && !is_kept_[at]; at = parent_[at]) is_kept_[at] = true;
  }
  link_children();
}

std::vector<bool> PsTree::with_descendants(std::vector<bool> processes) const {
  std::vector<std::uint32_t> waiting;
  for (std::uint32_t i = 0; i < parent_.size(); ++i) {
    if (processes[i]) waiting.push_back(i);
  }
  while (!waiting.empty()) {
    const std::uint32_t at = waiting.back();
    waiting.pop_back();
    for (std::uint32_t child = first_child_[at]; child != kNone; child = next_sibling_[child]) {
      if (processes[child]) continue;
      processes[child] = true;
      waiting.push_back(child);
    }
  }
  return processes;
}

void PsTree::walk(const Visit& visit) const {
  std::vector<bool> has_next;
  for (std::uint32_t root = 0; root < parent_.size(); ++root) {
    if (parent_[root] != kNone || !is_kept_[root]) continue;
    std::uint32_t at = root;
    for (;;) {
      visit(at, has_next);
      if (first_child_[at] != kNone) {
        at = first_child_[at];
        has_next.push_back(next_sibling_[at] != kNone);
        continue;
      }
      // Up to the next one that has a sibling. A root has no levels, and ends the loop.
      while (!has_next.empty() && !has_next.back()) {
        has_next.pop_back();
        at = parent_[at];
      }
      if (has_next.empty()) break;
      at = next_sibling_[at];
      has_next.back() = next_sibling_[at] != kNone;
    }
  }
}

}  // namespace sorrel::sorrelctl
