#pragma once

#include <memory>
#include <string_view>

#include "host/container_state.h"

namespace sorrel::host {

// Reads the files in which runtimes keep their containers. Bytes that are no JSON, or no UTF-8,
// give false; so does a file without what it should have. The functions add to `details` what is
// not in it yet.
//
// The keys are those in the sources of containerd's CRI plugin (its annotations), CRI-O
// (annotations, RuntimeContainerMetadata), podman (the same metadata, fewer members),
// containers/storage (Container) and the docker daemon (container.Container). Not verified: files
// of running runtimes, as none was at hand, and docker's form has been read from descriptions of it
// only.
class ContainerJson {
 public:
  ContainerJson();
  ~ContainerJson();
  ContainerJson(const ContainerJson&) = delete;
  ContainerJson& operator=(const ContainerJson&) = delete;

  // docker's config.v2.json.
  bool read_docker(std::string_view text, ContainerDetails& details);
  // The containers.json of containers/storage, a list of all containers, for the one with `id`.
  bool read_storage(std::string_view text, std::string_view id, ContainerDetails& details);
  // The annotations of an OCI config.json, as containerd's CRI plugin and CRI-O set them.
  bool read_oci(std::string_view text, ContainerDetails& details);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

}  // namespace sorrel::host
