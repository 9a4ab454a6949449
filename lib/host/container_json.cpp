#include "host/container_json.h"

#include <string>

#include <simdjson.h>

namespace sorrel::host {
namespace {

namespace dom = simdjson::dom;

struct Annotation {
  std::string_view key;
  std::string ContainerDetails::*member;
};

// Of several keys for one thing the first counts.
constexpr Annotation kAnnotations[] = {
    {"io.kubernetes.cri.container-name", &ContainerDetails::name},
    {"io.kubernetes.cri.image-name", &ContainerDetails::image},
    {"io.kubernetes.cri.sandbox-name", &ContainerDetails::pod_name},
    {"io.kubernetes.cri.sandbox-namespace", &ContainerDetails::pod_namespace},
    {"io.kubernetes.cri.sandbox-uid", &ContainerDetails::pod_uid},
    {"io.kubernetes.cri-o.ImageName", &ContainerDetails::image},
    {"io.kubernetes.cri-o.ImageRef", &ContainerDetails::image_id},
    // The kubelet's labels, which CRI-O and docker's CRI adapter pass on.
    {"io.kubernetes.container.name", &ContainerDetails::name},
    {"io.kubernetes.pod.name", &ContainerDetails::pod_name},
    {"io.kubernetes.pod.namespace", &ContainerDetails::pod_namespace},
    {"io.kubernetes.pod.uid", &ContainerDetails::pod_uid},
};

// Empty when there is no such member, or it is no text.
std::string_view text_of(const dom::object& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

void set(std::string& member, std::string_view text) {
  if (member.empty()) member = text;
}

void read_annotations(const dom::object& object, ContainerDetails& details) {
  for (const Annotation& annotation : kAnnotations)
    set(details.*annotation.member, text_of(object, annotation.key));
}

bool parse(dom::parser& parser, std::string_view text, dom::element& element) {
  // simdjson copies from a null pointer otherwise.
  if (text.empty()) return false;
  return parser.parse(text.data(), text.size()).get(element) == simdjson::SUCCESS;
}

}  // namespace

struct ContainerJson::Parsers {
  dom::parser file;
  dom::parser metadata;  // JSON within a text of the JSON
};

ContainerJson::ContainerJson() : parsers_(std::make_unique<Parsers>()) {}
ContainerJson::~ContainerJson() = default;

bool ContainerJson::read_docker(std::string_view text, ContainerDetails& details) {
  dom::element element;
  dom::object container;
  if (!parse(parsers_->file, text, element) || element.get(container) != simdjson::SUCCESS)
    return false;
  dom::object labels;
  if (container["Config"]["Labels"].get(labels) == simdjson::SUCCESS)
    read_annotations(labels, details);
  std::string_view name = text_of(container, "Name");
  if (name.starts_with('/')) name.remove_prefix(1);
  set(details.name, name);
  set(details.image_id, text_of(container, "Image"));
  dom::object config;
  if (container["Config"].get(config) == simdjson::SUCCESS)
    set(details.image, text_of(config, "Image"));
  return !name.empty();
}

bool ContainerJson::read_storage(std::string_view text, std::string_view id,
                                 ContainerDetails& details) {
  dom::element element;
  dom::array containers;
  if (!parse(parsers_->file, text, element) || element.get(containers) != simdjson::SUCCESS)
    return false;
  for (const dom::element entry : containers) {
    dom::object container;
    if (entry.get(container) != simdjson::SUCCESS || text_of(container, "id") != id) continue;
    dom::element metadata;
    dom::object object;
    if (parse(parsers_->metadata, text_of(container, "metadata"), metadata) &&
        metadata.get(object) == simdjson::SUCCESS) {
      // CRI-O: "app", and as its name "k8s_app_pod_namespace_uid_0".
      set(details.name, text_of(object, "metadata-name"));
      set(details.name, text_of(object, "name"));
      set(details.image, text_of(object, "image-name"));
      set(details.image_id, text_of(object, "image-id"));
    }
    std::string_view name;
    if (container["names"].at(0).get(name) == simdjson::SUCCESS) set(details.name, name);
    set(details.image_id, text_of(container, "image"));
    return true;
  }
  return false;
}

bool ContainerJson::read_oci(std::string_view text, ContainerDetails& details) {
  dom::element element;
  dom::object annotations;
  if (!parse(parsers_->file, text, element) ||
      element["annotations"].get(annotations) != simdjson::SUCCESS)
    return false;
  read_annotations(annotations, details);
  return true;
}

}  // namespace sorrel::host
