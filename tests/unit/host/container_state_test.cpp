#include "host/container_state.h"

#include "catch.h"
#include "temp_root.h"

namespace sorrel::host {
namespace {

const std::string kId = "3f5a9c0e1b2d4f6789abcdef0123456789abcdef0123456789abcdef01234567";
const std::string kDocker = "/var/lib/docker/containers/" + kId + "/config.v2.json";
const std::string kStorage = "/var/lib/containers/storage/overlay-containers/";
const std::string kContainerd = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + kId;

constexpr std::string_view kDockerText = R"({"StreamConfig":{},"State":{"Running":true},
  "ID":"3f5a","Image":"sha256:abcd","Name":"/web",
  "Config":{"Hostname":"3f5a","Image":"nginx:1.25","Labels":{"a":"b"}}})";

ContainerDetails found(const TempRoot& root, Runtime runtime) {
  ContainerState state(root.path, {});
  const ContainerDetails* const details = state.find(runtime, kId, 0);
  REQUIRE(details != nullptr);
  return *details;
}

TEST_CASE("docker's file has the name and the image of a container", "[host]") {
  const TempRoot root;
  root.write(kDocker, kDockerText);
  const ContainerDetails details =
      found(root, GENERATE(values({Runtime::docker, Runtime::unknown})));
  CHECK(details.runtime == Runtime::docker);
  CHECK(details.name == "web");
  CHECK(details.image == "nginx:1.25");
  CHECK(details.image_id == "sha256:abcd");
  CHECK(details.pod_name.empty());
}

TEST_CASE("docker's labels have the pod where Kubernetes uses it", "[host]") {
  const TempRoot root;
  root.write(kDocker, R"({"Name":"/k8s_app_pod","Config":{"Image":"i","Labels":{
    "io.kubernetes.container.name":"app","io.kubernetes.pod.name":"pod-1",
    "io.kubernetes.pod.namespace":"prod","io.kubernetes.pod.uid":"u-1"}}})");
  const ContainerDetails details = found(root, Runtime::docker);
  CHECK(details.name == "app");
  CHECK(details.pod_name == "pod-1");
  CHECK(details.pod_namespace == "prod");
  CHECK(details.pod_uid == "u-1");
}

TEST_CASE("podman's list of containers has the name and the image", "[host]") {
  const TempRoot root;
  const std::string list =
      GENERATE(as<std::string>{}, "containers.json", "volatile-containers.json");
  root.write(kStorage + list, R"([7,{"id":"other","names":["no"]},{"id":")" + kId + R"(",
    "names":["web"],"image":"beef","layer":"x","metadata":
    "{\"image-name\":\"docker.io/library/nginx:1\",\"image-id\":\"beef\",\"name\":\"web\"}"}])");
  const ContainerDetails details = found(root, Runtime::podman);
  CHECK(details.runtime == Runtime::podman);
  CHECK(details.name == "web");
  CHECK(details.image == "docker.io/library/nginx:1");
  CHECK(details.image_id == "beef");
}

TEST_CASE("CRI-O's annotations come before its list", "[host]") {
  const TempRoot root;
  root.write(kStorage + kId + "/userdata/config.json", R"({"ociVersion":"1.0.2","annotations":{
    "io.kubernetes.cri-o.ImageName":"quay.io/app:2","io.kubernetes.cri-o.ImageRef":"cafe",
    "io.kubernetes.container.name":"app","io.kubernetes.pod.name":"pod-1",
    "io.kubernetes.pod.namespace":"prod","io.kubernetes.pod.uid":"u-1"}})");
  root.write(kStorage + "containers.json",
             R"([{"id":")" + kId + R"(","names":["k8s_app_pod-1_prod_u-1_0"],"image":"x"}])");
  const ContainerDetails details = found(root, Runtime::cri_o);
  CHECK(details.name == "app");
  CHECK(details.image == "quay.io/app:2");
  CHECK(details.image_id == "cafe");
  CHECK(details.pod_name == "pod-1");
  CHECK(details.pod_namespace == "prod");
  CHECK(details.pod_uid == "u-1");
}

TEST_CASE("containerd's annotations are found in any of its namespaces", "[host]") {
  const TempRoot root;
  root.write("/run/containerd/io.containerd.runtime.v2.task/moby/x/config.json", "{}");
  root.write(kContainerd + "/config.json", R"({"annotations":{
    "io.kubernetes.cri.container-name":"app","io.kubernetes.cri.image-name":"registry/app:3",
    "io.kubernetes.cri.sandbox-name":"pod-1","io.kubernetes.cri.sandbox-namespace":"prod",
    "io.kubernetes.cri.sandbox-uid":"u-1","io.kubernetes.cri.container-type":"container"}})");
  const ContainerDetails details =
      found(root, GENERATE(values({Runtime::containerd, Runtime::unknown})));
  CHECK(details.runtime == Runtime::containerd);
  CHECK(details.name == "app");
  CHECK(details.image == "registry/app:3");
  CHECK(details.pod_name == "pod-1");
  CHECK(details.pod_namespace == "prod");
  CHECK(details.pod_uid == "u-1");
}

TEST_CASE("a file that does not hold what it should is counted and gives nothing", "[host]") {
  const std::string_view text =
      GENERATE(as<std::string_view>{}, "", "{", "[]", "7", "{}", R"({"Name":7})", R"({"Name":""})",
               "{\"Name\":\"/\xff\"}", R"({"Config":{"Image":"i"}})");
  const TempRoot root;
  root.write(kDocker, text);
  ContainerState state(root.path, {});
  CHECK(state.find(Runtime::docker, kId, 0) == nullptr);
  CHECK(state.counters().unreadable == 1);
  CHECK(state.counters().absent == 1);
}

TEST_CASE("a file beyond the limit is not read", "[host]") {
  const TempRoot root;
  root.write(kDocker, kDockerText);
  ContainerState state(root.path, {.max_file_bytes = kDockerText.size() - 1});
  CHECK(state.find(Runtime::docker, kId, 0) == nullptr);
  CHECK(state.counters().unreadable == 1);
  CHECK(ContainerState(root.path, {.max_file_bytes = kDockerText.size()})
            .find(Runtime::docker, kId, 0) != nullptr);
}

TEST_CASE("both answers are remembered, each for its time", "[host]") {
  const TempRoot root;
  ContainerState state(root.path, {.found_age_ms = 1000, .absent_age_ms = 10});
  CHECK(state.find(Runtime::docker, kId, 0) == nullptr);
  root.write(kDocker, kDockerText);
  CHECK(state.find(Runtime::docker, kId, 9) == nullptr);
  CHECK(state.find(Runtime::docker, kId, 10) != nullptr);
  root.write(kDocker, R"({"Name":"/renamed"})");
  CHECK(state.find(Runtime::docker, kId, 1009)->name == "web");
  CHECK(state.find(Runtime::docker, kId, 1010)->name == "renamed");
  CHECK(state.counters().cache_hits == 2);
  CHECK(state.counters().found == 2);
  CHECK(state.counters().absent == 1);
}

TEST_CASE("what is no id of 64 digits never becomes part of a path", "[host]") {
  const TempRoot root;
  root.write(kDocker, kDockerText);
  ContainerState state(root.path, {});
  const std::string up = "../" + kId.substr(3);
  for (const std::string& id : {std::string(), kId.substr(1), kId + "0", up, std::string("web")}) {
    CAPTURE(id);
    CHECK(state.find(Runtime::docker, id, 0) == nullptr);
  }
  CHECK(state.find(Runtime::none, kId, 0) == nullptr);
  CHECK(state.counters().absent == 0);
}

}  // namespace
}  // namespace sorrel::host
