#include "host/cgroup.h"

#include <algorithm>
#include <array>

#include "base/hex.h"

namespace sorrel::host {
namespace {

constexpr std::size_t kIdDigits = 64;

bool is_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return hex_value(c) != kNotHex; });
}

// Takes what stands before `separator`, and it too; the whole rest when there is none.
std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const std::size_t at = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

bool cut_suffix(std::string_view& text, std::string_view suffix) noexcept {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

bool cut_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A unit that has processes of its own; a slice has none.
bool is_unit(std::string_view element) noexcept {
  // The last letter sorts out nearly all elements.
  switch (element.back()) {
    case 'e':
      return element.ends_with(".service") || element.ends_with(".scope");
    case 't':
      return element.ends_with(".socket") || element.ends_with(".mount");
    case 'p':
      return element.ends_with(".swap");
    default:
      return false;
  }
}

// systemd puts an underscore before a name that the kernel would take for a file of its own
// (cgroup.procs).
std::string_view unit_name(std::string_view element) noexcept {
  return element.front() == '_' ? element.substr(1) : element;
}

// What comes before the 64 digits of an element tells who made it.
struct Maker {
  std::string_view prefix;
  Runtime runtime;
};
constexpr std::array kMakers = {
    Maker{"docker-", Runtime::docker},      Maker{"libpod-", Runtime::podman},
    Maker{"crio-", Runtime::cri_o},         Maker{"cri-containerd-", Runtime::containerd},
    Maker{"nerdctl-", Runtime::containerd},
};
// Where an element is the 64 digits alone, its parent does.
constexpr std::array kParents = {
    Maker{"docker", Runtime::docker},
    Maker{"k8s.io", Runtime::containerd},
    Maker{"default", Runtime::containerd},
};

Runtime runtime_of(std::string_view prefix, std::string_view parent) noexcept {
  if (prefix.empty()) {
    for (const Maker& maker : kParents)
      if (parent == maker.prefix) return maker.runtime;
    return Runtime::unknown;
  }
  for (const Maker& maker : kMakers)
    if (prefix == maker.prefix) return maker.runtime;
  // A cgroups path in systemd's form that a runtime without its systemd driver took for a folder:
  // "kubepods-pod1234.slice:cri-containerd:ID".
  if (prefix.ends_with(":cri-containerd:")) return Runtime::containerd;
  if (prefix.ends_with(":crio:")) return Runtime::cri_o;
  if (prefix.ends_with(":docker:")) return Runtime::docker;
  return Runtime::unknown;
}

class PathReader {
 public:
  explicit PathReader(CgroupInfo& info) noexcept : info_(info) {}

  // Reads the container and pod of a path.
  void read_container(std::string_view path) noexcept {
    std::string_view parent;
    while (!path.empty() && info_.runtime == Runtime::none) {
      const std::string_view element = take_until(path, '/');
      if (element.empty()) continue;
      read_pod(element);
      if (!by_digits(element, parent)) by_name(element, parent, path);
      if (info_.runtime != Runtime::none) container_element_ = element;
      parent = element;
    }
  }

  // Reads the units of a path.
  void read_units(std::string_view path) noexcept {
    bool below_manager = false;
    bool below_container = false;
    while (!path.empty()) {
      const std::string_view element = take_until(path, '/');
      if (element.empty()) continue;
      if (is_unit(element)) {
        const std::string_view name = unit_name(element);
        add_service(element);
        if (below_container) {
          info_.inner_unit = name;
        } else if (below_manager) {
          info_.user_unit = name;
        } else {
          info_.unit = name;
          below_manager = name.starts_with("user@") && name.ends_with(".service");
          if (name.starts_with("session-") && name.ends_with(".scope")) info_.session_scope = name;
        }
      } else if (!below_container && !below_manager && element.ends_with(".slice")) {
        info_.slice = element;
      }
      // Another line may have named it, so the bytes are compared.
      below_container |= element == container_element_;
    }
  }

 private:
  // 64 hex digits at the end of an element, or at its start, once ".scope" is cut.
  bool by_digits(std::string_view element, std::string_view parent) noexcept {
    cut_suffix(element, ".scope");
    if (element.size() < kIdDigits) return false;
    std::string_view prefix = element.substr(0, element.size() - kIdDigits);
    std::string_view id = element.substr(prefix.size());
    if (!is_hex(id)) {
      id = element.substr(0, kIdDigits);
      prefix = {};
      if (!is_hex(id)) return false;
    }
    // The monitor of a container runs on the host, and a pod is not yet its container.
    if (prefix.ends_with("-conmon-")) return false;
    if (prefix.empty() && parent == "libpod_parent") return false;
    info_.container_id = id;
    info_.runtime = runtime_of(prefix, parent);
    return true;
  }

  // Containers that have a name instead.
  void by_name(std::string_view element, std::string_view parent, std::string_view rest) noexcept {
    // /lxc/NAME, /lxc.payload/NAME and /lxc.payload.NAME; /lxc.monitor.NAME is the monitor.
    if (parent == "lxc" || parent == "lxc.payload") return set(element, Runtime::lxc);
    if (cut_prefix(element, "lxc.payload.")) return set(element, Runtime::lxc);
    // nspawn itself is in "supervisor", beside "payload".
    if (take_until(rest, '/') == "supervisor") return;
    if (cut_prefix(element, "systemd-nspawn@") && cut_suffix(element, ".service"))
      return set(element, Runtime::systemd_nspawn);
    // libvirt's virtual machines are machines to systemd as well, with QEMU as their process.
    if (parent == "machine.slice" && cut_prefix(element, "machine-") &&
        cut_suffix(element, ".scope") && !element.starts_with("qemu\\x2d"))
      set(element, Runtime::systemd_nspawn);
  }

  void set(std::string_view name, Runtime runtime) noexcept {
    if (name.empty()) return;
    info_.container_id = name;
    info_.runtime = runtime;
    info_.container_id_escaped =
        runtime == Runtime::systemd_nspawn && name.find("\\x") != name.npos;
  }

  // "pod" and a uid: alone, or behind a dash in the name of a slice.
  void read_pod(std::string_view element) noexcept {
    const std::size_t slice = element.find(".slice");
    const std::string_view name = element.substr(0, slice);
    for (const std::size_t size : {std::size_t{36}, std::size_t{32}}) {
      if (name.size() < size + 3) continue;
      const std::size_t at = name.size() - size;
      if (name.substr(at - 3, 3) != "pod" || (at > 3 && name[at - 4] != '-')) continue;
      if (copy_pod_uid(name.substr(at))) return;
    }
  }

  // A UUID, or the 32 digits of a static pod.
  bool copy_pod_uid(std::string_view uid) noexcept {
    std::array<char, CgroupInfo::kMaxPodUid> text{};
    for (std::size_t i = 0; i < uid.size(); ++i) {
      const bool dash = uid.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
      if (dash ? uid[i] != '-' && uid[i] != '_' : hex_value(uid[i]) == kNotHex) return false;
      text[i] = dash ? '-' : uid[i];
    }
    info_.pod_uid_text = text;
    info_.pod_uid_size = static_cast<std::uint8_t>(uid.size());
    return true;
  }

  void add_service(std::string_view element) noexcept {
    if (!cut_suffix(element, ".service")) return;
    if (info_.service_count < CgroupInfo::kMaxServices) {
      info_.service_names[info_.service_count++] = element;
    } else {
      ++info_.services_dropped;
    }
  }

  CgroupInfo& info_;
  std::string_view container_element_;
};

}  // namespace

std::string_view runtime_name(Runtime runtime) noexcept {
  constexpr std::array<std::string_view, 8> kNames = {
      "", "", "docker", "podman", "containerd", "cri-o", "lxc", "systemd-nspawn"};
  return kNames[static_cast<std::size_t>(runtime)];
}

CgroupInfo parse_cgroup(std::string_view text) noexcept {
  CgroupInfo info;
  PathReader reader(info);
  std::string_view systemd_path;  // of v1's name=systemd, else v2's
  std::string_view last_path;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view number = take_until(line, ':');
    if (line.empty()) continue;
    const std::string_view controllers = take_until(line, ':');
    std::string_view path = line;
    if (path.size() < 2 || path.front() != '/') continue;
    cut_suffix(path, " (deleted)");
    if (controllers == "name=systemd") {
      systemd_path = path;
    } else if (number == "0" && controllers.empty() && systemd_path.empty()) {
      systemd_path = path;
    }
    // Most v1 lines of a process say the same.
    if (path == last_path) continue;
    last_path = path;
    if (info.runtime == Runtime::none) reader.read_container(path);
  }
  reader.read_units(systemd_path);
  return info;
}

std::size_t unescape_unit(std::string_view text, char* out) noexcept {
  char* const begin = out;
  while (!text.empty()) {
    if (text.size() >= 4 && text[0] == '\\' && text[1] == 'x' && is_hex(text.substr(2, 2))) {
      *out++ = static_cast<char>(hex_value(text[2]) << 4 | hex_value(text[3]));
      text.remove_prefix(4);
    } else {
      *out++ = text.front();
      text.remove_prefix(1);
    }
  }
  return static_cast<std::size_t>(out - begin);
}

}  // namespace sorrel::host
