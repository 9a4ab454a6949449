#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/options.h"

namespace sorrel::agent {

// A user that the daemon becomes.
struct Account {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// Looks `name` up (NSS: may block, so at start only). Errors: there is no such user.
Result<Account> find_account(const std::string& name);

// The capabilities that a configuration needs once its sockets and files are open, as the numbers
// of linux/capability.h, ascending:
//   CAP_AUDIT_CONTROL (registering, AUDIT_GET), CAP_AUDIT_WRITE (heartbeats), CAP_AUDIT_READ
//   (multicast), CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE (/proc of other users' processes, when
//   enrichment asks for it); an input that is no kernel's needs none.
std::vector<unsigned> needed_capabilities(const config::Options& options);

// What the process has now.
struct Credentials {
  std::uint32_t uid = 0;
  std::vector<unsigned> capabilities;  // effective, ascending
};
Credentials current_credentials();

// What is to be done about them.
struct PrivilegePlan {
  std::optional<Account> become;      // setgroups, setresgid, setresuid; nothing: stay who we are
  std::vector<unsigned> keep;         // of those needed, the ones that we have
  bool limit = false;                 // all others go; with `become` from the bounding set too
  bool harden = false;                // no_new_privs, undumpable
  std::vector<unsigned> missing;      // needed, and not there
  bool is_missing_essential = false;  // without one of `missing`, the input cannot work at all
  std::string note;                   // for the log; may be empty
};

// Pure. `account` is that of options.user, when it is set.
PrivilegePlan plan_privileges(const config::Options& options, const Credentials& now,
                              const std::optional<Account>& account);

// "CAP_AUDIT_READ, CAP_AUDIT_WRITE".
std::string capability_names(const std::vector<unsigned>& capabilities);

// Does it, for this thread and those it starts later: call it before there are others. Afterwards
// no program that is executed gains anything (no_new_privs), and the process cannot be traced or
// dumped by its own user. Errors: the kernel refused a step; the process is then in between and
// must end.
Status drop_privileges(const PrivilegePlan& plan);

}  // namespace sorrel::agent
