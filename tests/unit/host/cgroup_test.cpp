#include "host/cgroup.h"

#include <string>

#include "catch.h"

namespace sorrel::host {
namespace {

const std::string kId = "3f5a9c0e1b2d4f6789abcdef0123456789abcdef0123456789abcdef01234567";
const std::string kOther(64, 'b');
const std::string kUid = "12345678-9abc-def0-1234-56789abcdef0";

// "$" stands for an id, "#" for another one.
std::string filled(std::string_view shape) {
  std::string text;
  for (const char c : shape) {
    if (c == '$') {
      text += kId;
    } else if (c == '#') {
      text += kOther;
    } else {
      text += c;
    }
  }
  return text;
}

TEST_CASE("the container and its runtime are found in the shapes that runtimes make", "[host]") {
  struct Row {
    std::string_view text;
    Runtime runtime;
    std::string_view id = "$";
    std::string_view pod = "";
  };
  const Row row = GENERATE(values<Row>({
      {"0::/system.slice/docker-$.scope\n", Runtime::docker},
      {"5:memory:/docker/$\n1:name=systemd:/docker/$\n0::/system.slice/containerd.service\n",
       Runtime::docker},
      {"0::/docker/$/kubelet/kubepods/burstable/pod1/#\n", Runtime::docker},
      {"0::/machine.slice/libpod-$.scope/container\n", Runtime::podman},
      {"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-$.scope\n",
       Runtime::podman},
      {"0::/libpod_parent/libpod-$\n", Runtime::podman},
      {"0::/libpod_parent/#/libpod-$\n", Runtime::podman},
      {"0::/machine.slice/machine-libpod_pod_#.slice/libpod-$.scope\n", Runtime::podman},
      {"0::/machine.slice/libpod-conmon-$.scope\n", Runtime::none, ""},
      {"0::/kubepods.slice/crio-conmon-$.scope\n", Runtime::none, ""},
      {"0::/kubepods/besteffort/pod12345678-9abc-def0-1234-56789abcdef0/$\n", Runtime::unknown, "$",
       kUid},
      {"3:cpu:/kubepods/burstable/pod0123456789abcdef0123456789abcdef/$\n", Runtime::unknown, "$",
       "0123456789abcdef0123456789abcdef"},
      {"0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod"
       "12345678_9abc_def0_1234_56789abcdef0.slice/cri-containerd-$.scope\n",
       Runtime::containerd, "$", kUid},
      {"0::/kubepods.slice/kubepods-pod12345678_9abc_def0_1234_56789abcdef0.slice/crio-$.scope\n",
       Runtime::cri_o, "$", kUid},
      {"0::/system.slice/kubepods-pod12345678_9abc_def0_1234_56789abcdef0.slice:cri-containerd:$\n",
       Runtime::containerd, "$", kUid},
      {"0::/default/$\n", Runtime::containerd},
      {"0::/k8s.io/$\n", Runtime::containerd},
      {"0::/system.slice/nerdctl-$.scope\n", Runtime::containerd},
      {"0::/ecs/task/$\n", Runtime::unknown},
      {"0::/somewhere/$-extra\n", Runtime::unknown},
      {"0::/docker/$ (deleted)\n", Runtime::docker},
      {"0::/docker/$", Runtime::docker},
      {"0::/../../docker/$\n", Runtime::docker},
      {"0::/lxc/web\n", Runtime::lxc, "web"},
      {"4:pids:/lxc.payload/web/init.scope\n", Runtime::lxc, "web"},
      {"0::/lxc.payload.web-1/system.slice/ssh.service\n", Runtime::lxc, "web-1"},
      {"0::/lxc.monitor.web\n", Runtime::none, ""},
      {"0::/machine.slice/systemd-nspawn@deb.service/payload/init.scope\n", Runtime::systemd_nspawn,
       "deb"},
      {"0::/machine.slice/systemd-nspawn@deb.service/supervisor\n", Runtime::none, ""},
      {"0::/machine.slice/machine-my\\x2dbox.scope/payload\n", Runtime::systemd_nspawn,
       "my\\x2dbox"},
      {"0::/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt\n", Runtime::none, ""},
      {"0::/system.slice/nginx.service\n", Runtime::none, ""},
      {"0::/\n", Runtime::none, ""},
      {"", Runtime::none, ""},
      {"\n\n:::\n", Runtime::none, ""},
      {"0::", Runtime::none, ""},
      {"0:docker/$\n", Runtime::none, ""},
      {"0::docker/$\n", Runtime::none, ""},
      {"0::/docker/3f5a9c0e1b2d\n", Runtime::none, ""},
      {"0::/kubepods/podnot-a-uid-but-as-long-as-one-is-123/x\n", Runtime::none, ""},
  }));
  const std::string text = filled(row.text);
  CAPTURE(text);
  const CgroupInfo info = parse_cgroup(text);
  CHECK(info.container_id == filled(row.id));
  CHECK(runtime_name(info.runtime) == runtime_name(row.runtime));
  CHECK((info.runtime == Runtime::none) == (row.runtime == Runtime::none));
  CHECK(info.pod_uid() == row.pod);
}

TEST_CASE("the unit, the slice and the session are those of the host's systemd", "[host]") {
  struct Row {
    std::string_view text;
    std::string_view unit;
    std::string_view slice = "";
    std::string_view user_unit = "";
    std::string_view session = "";
    std::string_view inner = "";
  };
  const Row row = GENERATE(values<Row>({
      {"0::/system.slice/nginx.service\n", "nginx.service", "system.slice"},
      {"0::/init.scope\n", "init.scope"},
      {"0::/system.slice/system-getty.slice/getty@tty1.service\n", "getty@tty1.service",
       "system-getty.slice"},
      {"0::/user.slice/user-1000.slice/session-3.scope\n", "session-3.scope", "user-1000.slice", "",
       "session-3.scope"},
      {"0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-vim.service\n",
       "user@1000.service", "user-1000.slice", "app-vim.service"},
      {"0::/system.slice/docker-$.scope/system.slice/ssh.service\n", "docker-$.scope",
       "system.slice", "", "", "ssh.service"},
      {"2:cpu:/docker/$\n1:name=systemd:/docker/$/system.slice/ssh.service\n0::/a.slice\n", "", "",
       "", "", "ssh.service"},
      {"3:cpu:/\n1:name=systemd:/system.slice/cron.service\n0::/other.service\n", "cron.service",
       "system.slice"},
      {"1:name=systemd:/\n0::/system.slice/cron.service\n", "cron.service", "system.slice"},
      {"0::/system.slice/_cgroup.procs.service\n", "cgroup.procs.service", "system.slice"},
      {"0::/system.slice/run-user.mount\n", "run-user.mount", "system.slice"},
      {"0::/system.slice/cups.socket (deleted)\n", "cups.socket", "system.slice"},
      {"0::/lxc.payload.1/user-1.slice/a.service\n", "", "", "", "", "a.service"},
      {"0::/nothing/here\n", ""},
  }));
  const std::string text = filled(row.text);
  CAPTURE(text);
  const CgroupInfo info = parse_cgroup(text);
  CHECK(info.unit == filled(row.unit));
  CHECK(info.slice == row.slice);
  CHECK(info.user_unit == row.user_unit);
  CHECK(info.session_scope == row.session);
  CHECK(info.inner_unit == row.inner);
}

TEST_CASE("every service on the way is listed without its suffix, up to a limit", "[host]") {
  const CgroupInfo info =
      parse_cgroup("0::/user.slice/user@1000.service/app.slice/emacs.service\n");
  REQUIRE(info.services().size() == 2);
  CHECK(info.services()[0] == "user@1000");
  CHECK(info.services()[1] == "emacs");

  std::string text = "0::";
  for (int i = 0; i < 10; ++i) text += "/s" + std::to_string(i) + ".service";
  const CgroupInfo many = parse_cgroup(text);
  REQUIRE(many.services().size() == CgroupInfo::kMaxServices);
  CHECK(many.services().back() == "s7");
  CHECK(many.services_dropped == 2);
  CHECK(many.unit == "s9.service");
}

TEST_CASE("a container's processes cannot name another container by a cgroup of theirs", "[host]") {
  const std::string text = filled("0::/system.slice/docker-$.scope/docker-#.scope/pod" + kUid);
  const CgroupInfo info = parse_cgroup(text);
  CHECK(info.container_id == kId);
  CHECK(info.pod_uid().empty());
}

TEST_CASE("systemd's escapes are undone, and other backslashes stay", "[host]") {
  const auto unescaped = [](std::string_view text) {
    std::string out(text.size(), '?');
    out.resize(unescape_unit(text, out.data()));
    return out;
  };
  CHECK(unescaped("my\\x2dbox") == "my-box");
  CHECK(unescaped("\\x2D\\x2d") == "--");
  CHECK(unescaped("a\\x2") == "a\\x2");
  CHECK(unescaped("a\\xzz\\y\\") == "a\\xzz\\y\\");
  CHECK(unescaped("") == "");
  CHECK(parse_cgroup("0::/machine.slice/machine-a\\x2db.scope\n").container_id_escaped);
  CHECK_FALSE(parse_cgroup("0::/machine.slice/machine-a.scope\n").container_id_escaped);
}

}  // namespace
}  // namespace sorrel::host
