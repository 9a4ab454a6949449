#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/counter.h"

namespace sorrel::enrich {

// Where a process runs: what many processes have in common and /proc tells. Empty or 0: unknown.
struct ProcessFacts {
  std::string container_id = {};
  std::string runtime = {};  // docker, podman, containerd ...
  std::string pod = {};      // uid
  std::string unit = {};     // of systemd, as the other two
  std::string slice = {};
  std::string user_unit = {};
  std::string services = {};  // all of the path, without ".service", a slash between two
  std::string container_name = {};
  std::string container_image = {};
  std::uint64_t pid_namespace = 0;  // inode numbers
  std::uint64_t mount_namespace = 0;

  bool operator==(const ProcessFacts&) const = default;
};

// Keeps each set of facts once and names it by a number. Counted references; a set that nobody
// refers to stays until room is needed. Setting facts happens once a process and is not the fast
// path: it may allocate. Handing them on is one increment.
class FactsTable {
 public:
  using Id = std::uint16_t;
  static constexpr Id kNone = 0;
  static constexpr std::size_t kMaxText = 255;  // of each text; longer ones are left out, counted

  explicit FactsTable(std::uint16_t max_sets = 4096);

  // The set's number, with one reference; kNone, counted, when all sets are in use.
  Id intern(ProcessFacts facts);
  void add_reference(Id id) noexcept { ++references_[id]; }
  void release(Id id) noexcept { --references_[id]; }

  // Valid while the caller has a reference. All unknown for kNone.
  const ProcessFacts& facts(Id id) const noexcept { return sets_[id]; }

  std::size_t size() const noexcept { return by_text_.size(); }
  std::size_t memory_bytes() const noexcept;
  std::uint64_t dropped_sets() const noexcept { return dropped_sets_.value(); }
  std::uint64_t dropped_texts() const noexcept { return dropped_texts_.value(); }

 private:
  bool forget_one_unused();

  const std::uint16_t max_sets_;
  std::vector<ProcessFacts> sets_;         // by id; of 0, all unknown
  std::vector<std::uint32_t> references_;  // of 0, meaningless
  std::unordered_map<std::string, Id> by_text_;
  std::vector<Id> free_;
  std::size_t hand_ = 1;  // where the search for an unused set goes on
  std::size_t text_bytes_ = 0;
  Counter dropped_sets_;
  Counter dropped_texts_;
};

}  // namespace sorrel::enrich
