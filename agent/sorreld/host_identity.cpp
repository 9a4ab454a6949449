#include "sorreld/host_identity.h"

#include <netdb.h>
#include <sys/utsname.h>

#include <fstream>

namespace sorrel::agent {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The canonical name of `host`, or `host` when the resolver has none.
std::string qualified(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0 || found == nullptr) return host;
  const std::string name = found->ai_canonname != nullptr ? found->ai_canonname : host;
  ::freeaddrinfo(found);
  return name;
}

std::string node_name(const config::NodeOptions& options, const std::string& nodename) {
  switch (options.kind) {
    case config::NodeKind::none:
      return "";
    case config::NodeKind::fixed:
      return options.text;
    case config::NodeKind::fqdn:
      return qualified(nodename);
    case config::NodeKind::hostname:
      return nodename.substr(0, nodename.find('.'));
    case config::NodeKind::kernel:
      return nodename;
  }
  return nodename;
}

}  // namespace

HostIdentity read_host_identity(const config::NodeOptions& node, const std::string& root) {
  HostIdentity identity;
  utsname names{};
  if (::uname(&names) == 0) {
    identity.node = node_name(node, names.nodename);
    identity.kernel = names.release;
  }
  identity.machine_id = first_line(root + "/etc/machine-id");
  identity.boot_id = first_line(root + "/proc/sys/kernel/random/boot_id");
  return identity;
}

}  // namespace sorrel::agent
