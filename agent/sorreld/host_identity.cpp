#include "sorreld/host_identity.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/fd.h"
#include "base/log.h"

namespace sorrel::agent {
namespace {

// The first line of a small file.
std::string read_line(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 128> bytes;
  const ssize_t size = fd ? ::read(fd.get(), bytes.data(), bytes.size()) : -1;
  if (size <= 0) return {};
  const std::string text(bytes.data(), static_cast<std::size_t>(size));
  return text.substr(0, text.find('\n'));
}

std::string host_name() {
  std::array<char, 256> name{};
  // POSIX leaves open whether a name that was cut has its NUL.
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data())
                                                          : std::string();
}

std::string kernel_node() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(names.nodename) : std::string();
}

// The canonical name of `host`, or an empty text.
std::string canonical_name(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::string name;
  if (found != nullptr && found->ai_canonname != nullptr) name = found->ai_canonname;
  ::freeaddrinfo(found);
  return name;
}

// A resolver that hangs cannot be stopped, so a thread of its own asks it and is left behind.
std::string resolve_fqdn(const std::string& host, std::uint32_t timeout_ms) {
  auto promise = std::make_shared<std::promise<std::string>>();
  std::future<std::string> answer = promise->get_future();
  std::thread([promise, host] { promise->set_value(canonical_name(host)); }).detach();
  if (answer.wait_for(std::chrono::milliseconds(timeout_ms)) != std::future_status::ready) {
    log(Level::warning,
        "the resolver did not tell the host's full name in time; NODE is the short one",
        {{"host", host}, {"waited_ms", std::to_string(timeout_ms)}});
    return host;
  }
  std::string name = answer.get();
  if (!name.empty()) return name;
  log(Level::warning,
      "the resolver has no full name for this host; NODE is the short one (put it into /etc/hosts, "
      "or set node: {fixed: NAME})",
      {{"host", host}});
  return host;
}

}  // namespace

HostIds read_host_ids(const std::string& root) {
  return {.machine_id = read_line(root + "/etc/machine-id"),
          .boot_id = read_line(root + "/proc/sys/kernel/random/boot_id")};
}

std::string resolve_node(const config::NodeOptions& options, std::uint32_t timeout_ms) {
  switch (options.kind) {
    case config::NodeKind::kernel:
      return kernel_node();
    case config::NodeKind::none:
      return {};
    case config::NodeKind::hostname:
      return host_name();
    case config::NodeKind::fqdn:
      return resolve_fqdn(host_name(), timeout_ms);
    case config::NodeKind::fixed:
      return options.text;
  }
  return {};
}

}  // namespace sorrel::agent
