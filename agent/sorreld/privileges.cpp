#include "sorreld/privileges.h"

#include <cap-ng.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sorrel::agent {
namespace {

// What root needs to rotate files that belong to someone else.
constexpr unsigned kFileCapabilities[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER};

constexpr long kDefaultPasswdBytes = 16'384;

bool contains(const std::vector<unsigned>& capabilities, unsigned capability) {
  return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

// capng keeps a state of its own, which capng_apply() gives to the kernel.
bool select(const std::vector<unsigned>& capabilities) {
  capng_clear(CAPNG_SELECT_ALL);
  for (const unsigned capability : capabilities) {
    const auto types = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
    if (capng_update(CAPNG_ADD, types, capability) != 0) return false;
  }
  return true;
}

Status limit_capabilities(const PrivilegePlan& plan) {
  if (!select(plan.keep)) {
    return fail(std::errc::operation_not_permitted, "cannot choose the capabilities to keep");
  }
  if (plan.become) {
    const auto flags = static_cast<capng_flags_t>(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING |
                                                  CAPNG_CLEAR_AMBIENT);
    const int result = capng_change_id(static_cast<int>(plan.become->uid),
                                       static_cast<int>(plan.become->gid), flags);
    if (result != 0) {
      return fail_errno(
          errno != 0 ? errno : EPERM,
          "cannot become user " + plan.become->name + " (step " + std::to_string(-result) +
              " of capng_change_id); it takes CAP_SETUID, CAP_SETGID and CAP_SETPCAP");
    }
  } else {
    // Without CAP_SETPCAP, in a container, the bounding set stays; no program is executed anyway.
    if (::geteuid() == 0) capng_apply(CAPNG_SELECT_BOUNDS);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
      return fail_errno(errno, "cannot give up capabilities");
    }
  }
  return Ok{};
}

}  // namespace

Result<Account> find_account(const std::string& name) {
  const long suggested = ::sysconf(_SC_GETPW_R_SIZE_MAX);
  std::vector<char> bytes(static_cast<std::size_t>(std::max(suggested, kDefaultPasswdBytes)));
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = ::getpwnam_r(name.c_str(), &entry, bytes.data(), bytes.size(), &found)) ==
         ERANGE) {
    bytes.resize(2 * bytes.size());
  }
  if (found == nullptr) {
    return fail_errno(error != 0 ? error : ENOENT,
                      "user " + name + ": there is no such user; create it (useradd --system " +
                          name + "), or change the option user");
  }
  return Account{.name = name, .uid = found->pw_uid, .gid = found->pw_gid};
}

std::vector<unsigned> needed_capabilities(const config::Options& options) {
  std::vector<unsigned> needed;
  const bool is_multicast = options.input.kind == input::Kind::multicast;
  if (!is_multicast && options.input.kind != input::Kind::kernel) return needed;
  // To see the programs, environments and namespaces of other users' processes.
  if (options.enrich.asks_for_processes()) needed = {CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE};
  if (is_multicast) {
    needed.push_back(CAP_AUDIT_READ);
    return needed;
  }
  if (options.netlink.heartbeat_ms != 0) needed.push_back(CAP_AUDIT_WRITE);
  needed.push_back(CAP_AUDIT_CONTROL);
  if (options.netlink.fall_back_to_multicast) needed.push_back(CAP_AUDIT_READ);
  return needed;
}

Credentials current_credentials() {
  Credentials now{.uid = ::geteuid(), .capabilities = {}};
  if (capng_get_caps_process() != 0) return now;
  for (unsigned capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    if (capng_have_capability(CAPNG_EFFECTIVE, capability) != 0) {
      now.capabilities.push_back(capability);
    }
  }
  return now;
}

PrivilegePlan plan_privileges(const config::Options& options, const Credentials& now,
                              const std::optional<Account>& account) {
  PrivilegePlan plan;
  const unsigned essential =
      options.input.kind == input::Kind::multicast ? CAP_AUDIT_READ : CAP_AUDIT_CONTROL;
  for (const unsigned capability : needed_capabilities(options)) {
    const bool is_there = contains(now.capabilities, capability);
    (is_there ? plan.keep : plan.missing).push_back(capability);
    if (!is_there && capability == essential) plan.is_missing_essential = true;
  }
  plan.harden = !plan.keep.empty();
  if (now.uid != 0) {
    plan.limit = now.capabilities != plan.keep;
    if (account && account->uid != now.uid) {
      plan.note = "only root can become another user; the option user is ignored";
    }
    return plan;
  }
  if (account && account->uid != 0) {
    plan.become = account;
    plan.limit = plan.harden = true;
    return plan;
  }
  // An input that is no kernel's is a person's own run: it goes on as it was started.
  if (!plan.harden) return plan;
  plan.note = "running as root; set the option user, so that it becomes a user of its own";
  plan.limit = true;
  for (const unsigned capability : kFileCapabilities) {
    if (contains(now.capabilities, capability)) plan.keep.push_back(capability);
  }
  std::sort(plan.keep.begin(), plan.keep.end());
  return plan;
}

std::string capability_names(const std::vector<unsigned>& capabilities) {
  std::string names;
  for (const unsigned capability : capabilities) {
    const char* const name = capng_capability_to_name(capability);
    std::string text = "CAP_" + (name != nullptr ? std::string(name) : std::to_string(capability));
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    names += (names.empty() ? "" : ", ") + text;
  }
  return names;
}

Status drop_privileges(const PrivilegePlan& plan) {
  if (plan.limit) {
    if (const Status limited = limit_capabilities(plan); !limited) return limited;
  }
  if (!plan.harden) return Ok{};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return fail_errno(errno, "cannot set no_new_privs");
  }
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return fail_errno(errno, "cannot make the process undumpable");
  }
  return Ok{};
}

}  // namespace sorrel::agent
