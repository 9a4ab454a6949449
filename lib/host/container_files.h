#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/container_json.h"
#include "host/container_state.h"

namespace sorrel::host {

// Finds the files of a container's runtime under a root. `id` must be 64 hex digits: it becomes
// part of a path.
class ContainerState::Files {
 public:
  Files(std::string root, const ContainerStateOptions& options, ContainerStateCounters& counters)
      : root_(std::move(root)), options_(options), counters_(counters) {}

  bool read(Runtime runtime, const std::string& id, ContainerDetails& details);

 private:
  bool read_docker(const std::string& id, ContainerDetails& details);
  bool read_storage(const std::string& id, ContainerDetails& details);
  bool read_containerd(const std::string& id, ContainerDetails& details);
  // Nothing when there is no such file; one that cannot be used is counted.
  std::optional<std::string> text(const std::string& path, std::size_t max_bytes);
  // A file that is there and does not hold what it should is counted.
  bool checked(bool is_read);
  std::vector<std::string> containerd_namespaces() const;

  const std::string root_;
  const ContainerStateOptions& options_;
  ContainerStateCounters& counters_;
  ContainerJson json_;
};

}  // namespace sorrel::host
