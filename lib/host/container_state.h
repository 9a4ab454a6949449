#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/cgroup.h"
#include "host/lru_cache.h"

namespace sorrel::host {

// What a runtime's files say of a container; what they do not say is empty.
struct ContainerDetails {
  Runtime runtime = Runtime::none;  // whose files they were
  std::string name;
  std::string image;     // as the user gave it: "docker.io/library/nginx:1.25"
  std::string image_id;  // its digest or id
  std::string pod_name;
  std::string pod_namespace;
  std::string pod_uid;
};

struct ContainerStateOptions {
  std::size_t max_entries = 1024;
  std::size_t max_file_bytes = std::size_t{1} << 20;   // of one container's file
  std::size_t max_list_bytes = std::size_t{16} << 20;  // of the list of all (podman, CRI-O)
  std::uint64_t found_age_ms = 600'000;                // a container can be renamed
  std::uint64_t absent_age_ms = 10'000;                // it may be starting
};

struct ContainerStateCounters {
  std::uint64_t cache_hits = 0;
  std::uint64_t found = 0;
  std::uint64_t absent = 0;
  std::uint64_t unreadable = 0;  // files that are too large, no JSON, or not to be opened
};

// Image and name of a container, from the state that its runtime keeps on the disk of the host: no
// network, no socket, no question to a daemon. For a thread of the pool. Where the files are and
// what they have is no promise of the runtimes; container_json.h tells what was checked.
class ContainerState {
 public:
  ContainerState(std::string root, const ContainerStateOptions& options);
  ~ContainerState();
  ContainerState(const ContainerState&) = delete;
  ContainerState& operator=(const ContainerState&) = delete;

  // Null when nothing is known. For Runtime::unknown each runtime's files are tried. `id` is as
  // parse_cgroup() gives it; only ids of 64 hex digits have files. `now_ms` is any clock that never
  // steps back. Valid until the next call.
  const ContainerDetails* find(Runtime runtime, std::string_view id, std::uint64_t now_ms);

  const ContainerStateCounters& counters() const noexcept { return counters_; }

 private:
  struct Entry {
    ContainerDetails details;  // of Runtime::none: there are none
    std::uint64_t until_ms = 0;
  };
  class Files;

  const ContainerStateOptions options_;
  ContainerStateCounters counters_;
  LruCache<std::string, Entry> cache_;
  ContainerDetails last_;  // since a cache without room keeps nothing
  std::unique_ptr<Files> files_;
};

}  // namespace sorrel::host
