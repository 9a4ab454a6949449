#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sorrel::host {

// What runs a container, as far as the names of its cgroups tell. Under Kubernetes' cgroupfs driver
// they do not: there the runtime is `unknown` and the id is known all the same.
enum class Runtime : std::uint8_t {
  none,  // no container
  unknown,
  docker,
  podman,
  containerd,
  cri_o,
  lxc,
  systemd_nspawn,
};

// "docker", "podman", "containerd", "cri-o", "lxc", "systemd-nspawn"; empty for none and unknown.
std::string_view runtime_name(Runtime runtime) noexcept;

// What the cgroups of a process say about it. All views are into the text that was parsed, and
// empty where it says nothing.
struct CgroupInfo {
  static constexpr std::size_t kMaxServices = 8;
  static constexpr std::size_t kMaxPodUid = 36;

  // 64 hex digits, or the name of an LXC or nspawn container.
  std::string_view container_id;
  Runtime runtime = Runtime::none;
  // The id has systemd's escapes (\x2d): unescape_unit() gives the name.
  bool container_id_escaped = false;

  // Of the host's systemd; what a container's own systemd made is in inner_unit. With suffix.
  std::string_view unit;           // innermost: "nginx.service", "docker-3f...scope"
  std::string_view slice;          // innermost one around the unit: "system.slice"
  std::string_view session_scope;  // "session-3.scope"
  std::string_view user_unit;      // innermost one below user@UID.service
  std::string_view inner_unit;     // innermost one below the container: its word, not the host's

  // LAUREL's systemd_service: each element of the path that ends in ".service", without it, of the
  // container's own systemd too.
  std::array<std::string_view, kMaxServices> service_names;
  std::uint8_t service_count = 0;
  std::uint16_t services_dropped = 0;  // beyond kMaxServices

  std::array<char, kMaxPodUid> pod_uid_text{};
  std::uint8_t pod_uid_size = 0;

  std::span<const std::string_view> services() const noexcept {
    return {service_names.data(), service_count};
  }
  // As Kubernetes writes it, with dashes also where systemd's unit name has underscores.
  std::string_view pod_uid() const noexcept { return {pod_uid_text.data(), pod_uid_size}; }
};

// Parses the text of /proc/PID/cgroup: cgroup v2 ("0::/path"), v1 (a line a hierarchy), or both.
// Lines that are malformed are skipped. Names of containers are taken from the first line that has
// one and, in it, from the outermost element, since whoever is in a container can make cgroups
// below it and name them at will. Units are those of the hierarchy that systemd manages.
// Sources: cgroups(7), systemd.unit(5), and the runtimes' documented layouts.
CgroupInfo parse_cgroup(std::string_view text) noexcept;

// Undoes systemd's escapes of the form \x2d; other backslashes stay. `out` must have room for
// text.size() bytes. Returns the number written.
// Source: systemd-escape(1).
std::size_t unescape_unit(std::string_view text, char* out) noexcept;

}  // namespace sorrel::host
