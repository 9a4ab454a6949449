#include "host/container_files.h"

#include <dirent.h>
#include <fcntl.h>

#include "host/root_file.h"

namespace sorrel::host {
namespace {

constexpr std::string_view kDocker = "/var/lib/docker/containers/";
// podman as root, and CRI-O, with the overlay driver, which both have by default.
constexpr std::string_view kStorage = "/var/lib/containers/storage/overlay-containers/";
constexpr std::string_view kStorageRun = "/run/containers/storage/overlay-containers/";
constexpr std::string_view kContainerd = "/run/containerd/io.containerd.runtime.v2.task";
constexpr std::size_t kMaxNamespaces = 64;

std::string join(std::initializer_list<std::string_view> parts) {
  std::string path;
  for (const std::string_view part : parts) path += part;
  return path;
}

}  // namespace

bool ContainerState::Files::read(Runtime runtime, const std::string& id,
                                 ContainerDetails& details) {
  switch (runtime) {
    case Runtime::docker:
      return read_docker(id, details);
    case Runtime::podman:
    case Runtime::cri_o:
      details.runtime = runtime;
      return read_storage(id, details);
    case Runtime::containerd:
      return read_containerd(id, details);
    case Runtime::unknown:
      return read_containerd(id, details) || read_storage(id, details) || read_docker(id, details);
    case Runtime::none:
    case Runtime::lxc:
    case Runtime::systemd_nspawn:
      break;
  }
  return false;
}

bool ContainerState::Files::read_docker(const std::string& id, ContainerDetails& details) {
  const auto file = text(join({kDocker, id, "/config.v2.json"}), options_.max_file_bytes);
  if (!file || !checked(json_.read_docker(*file, details))) return false;
  details.runtime = Runtime::docker;
  return true;
}

bool ContainerState::Files::read_storage(const std::string& id, ContainerDetails& details) {
  bool is_found = false;
  // First the container's own annotations: under CRI-O the list's name is that of pod and
  // container.
  for (const std::string_view folder : {kStorage, kStorageRun}) {
    const auto file = text(join({folder, id, "/userdata/config.json"}), options_.max_file_bytes);
    if (!file) continue;
    is_found = checked(json_.read_oci(*file, details));
    break;
  }
  for (const std::string_view folder : {kStorage, kStorageRun}) {
    for (const std::string_view list : {"containers.json", "volatile-containers.json"}) {
      const auto file = text(join({folder, list}), options_.max_list_bytes);
      if (file && json_.read_storage(*file, id, details)) is_found = true;
    }
  }
  if (is_found && details.runtime == Runtime::none) details.runtime = Runtime::unknown;
  return is_found;
}

bool ContainerState::Files::read_containerd(const std::string& id, ContainerDetails& details) {
  for (const std::string& name : containerd_namespaces()) {
    const auto file =
        text(join({kContainerd, "/", name, "/", id, "/config.json"}), options_.max_file_bytes);
    if (!file) continue;
    if (!checked(json_.read_oci(*file, details))) return false;
    details.runtime = Runtime::containerd;
    return true;
  }
  return false;
}

std::vector<std::string> ContainerState::Files::containerd_namespaces() const {
  std::vector<std::string> names;
  Fd folder = open_in_root(root_, std::string(kContainerd), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder) return names;
  DIR* const listing = ::fdopendir(folder.get());
  if (listing == nullptr) return names;
  folder.release();
  while (names.size() < kMaxNamespaces) {
    const dirent* const entry = ::readdir(listing);
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  return names;
}

std::optional<std::string> ContainerState::Files::text(const std::string& path,
                                                       std::size_t max_bytes) {
  Result<std::string> file = read_root_file(root_, path, max_bytes);
  if (file) return std::move(*file);
  const std::error_code code = file.error().code;
  if (code != std::errc::no_such_file_or_directory && code != std::errc::not_a_directory)
    ++counters_.unreadable;
  return std::nullopt;
}

bool ContainerState::Files::checked(bool is_read) {
  if (!is_read) ++counters_.unreadable;
  return is_read;
}

}  // namespace sorrel::host
