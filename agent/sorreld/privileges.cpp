#include "sorreld/privileges.h"

#include <cap-ng.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

namespace sorrel::agent {
namespace {

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<Account> find_account(const std::string& name) {
  errno = 0;
  const passwd* const entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    return fail(std::errc::invalid_argument, "user: there is no user '" + name +
                                                 "' to run as; create it, or leave the option out");
  return Account{entry->pw_uid, entry->pw_gid};
}

Status become(const Account& account, const std::string& name) {
  if (::initgroups(name.c_str(), account.gid) != 0)
    return fail_errno(errno, "cannot take the groups of user '" + name + "'");
  if (::setresgid(account.gid, account.gid, account.gid) != 0 ||
      ::setresuid(account.uid, account.uid, account.uid) != 0)
    return fail_errno(errno, "cannot become user '" + name + "'");
  return Ok{};
}

}  // namespace

std::vector<int> needed_capabilities(const config::Options& options) {
  switch (options.input.kind) {
    case input::Kind::kernel: {
      std::vector<int> needed = {CAP_AUDIT_CONTROL, CAP_AUDIT_READ};
      if (options.netlink.heartbeat_ms != 0) needed.push_back(CAP_AUDIT_WRITE);
      return needed;
    }
    case input::Kind::multicast:
      return {CAP_AUDIT_CONTROL, CAP_AUDIT_READ};  // control: AUDIT_GET tells what the kernel lost
    case input::Kind::replay:
    case input::Kind::unix_socket:
      return {};
  }
  return {};
}

Status drop_privileges(const config::Options& options) {
  if (::geteuid() != 0) return Ok{};
  Account account;
  if (options.user) {
    const Result<Account> found = find_account(*options.user);
    if (!found) return Unexpected<Error>(found.error());
    account = *found;
  }
  const std::vector<int> needed = needed_capabilities(options);
  if (options.user && account.uid != 0) {
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
      return fail_errno(errno, "cannot keep capabilities over the change of user");
  }
  // The bounding set can only shrink while CAP_SETPCAP is there: before the change of user.
  capng_get_caps_process();
  capng_clear(CAPNG_SELECT_BOUNDS);
  if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
    return fail(std::errc::operation_not_permitted, "cannot clear the capability bounding set");
  if (options.user && account.uid != 0)
    if (Status became = become(account, *options.user); !became) return became;
  capng_clear(CAPNG_SELECT_CAPS);
  for (const int capability : needed)
    capng_update(CAPNG_ADD, static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
                 static_cast<unsigned>(capability));
  if (capng_apply(CAPNG_SELECT_CAPS) != 0)
    return fail(std::errc::operation_not_permitted, "cannot drop capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail_errno(errno, "cannot set no_new_privs");
  return Ok{};
}

}  // namespace sorrel::agent
