#include "sink/file_acl.h"

#include <acl/libacl.h>
#include <sys/acl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace sorrel::sink {
namespace {

struct AclFree {
  void operator()(void* acl) const noexcept { ::acl_free(acl); }
};
using Acl = std::unique_ptr<std::remove_pointer_t<acl_t>, AclFree>;

// `bits`: rwx as in one digit of a mode. `id`: of a named entry, else null.
bool add_entry(acl_t& acl, acl_tag_t tag, std::uint32_t bits, const std::uint32_t* id) {
  acl_entry_t entry = nullptr;
  acl_permset_t allowed = nullptr;
  if (::acl_create_entry(&acl, &entry) != 0 || ::acl_set_tag_type(entry, tag) != 0) return false;
  if (id != nullptr && ::acl_set_qualifier(entry, id) != 0) return false;
  if (::acl_get_permset(entry, &allowed) != 0 || ::acl_clear_perms(allowed) != 0) return false;
  if ((bits & 4) != 0 && ::acl_add_perm(allowed, ACL_READ) != 0) return false;
  if ((bits & 2) != 0 && ::acl_add_perm(allowed, ACL_WRITE) != 0) return false;
  return (bits & 1) == 0 || ::acl_add_perm(allowed, ACL_EXECUTE) == 0;
}

bool add_named(acl_t& acl, acl_tag_t tag, std::vector<std::uint32_t> ids) {
  // A name listed twice must not become two entries: such an ACL is invalid.
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return std::all_of(ids.begin(), ids.end(),
                     [&](const std::uint32_t& id) { return add_entry(acl, tag, 4, &id); });
}

// Null, with errno set, when there is no memory.
Acl build_acl(const Permissions& permissions) {
  const std::uint32_t mode = permissions.mode;
  const std::size_t named = permissions.read_users.size() + permissions.read_groups.size();
  acl_t raw = ::acl_init(static_cast<int>(named + 4));
  if (raw == nullptr) return nullptr;
  bool complete = add_entry(raw, ACL_USER_OBJ, mode >> 6 & 7, nullptr) &&
                  add_entry(raw, ACL_GROUP_OBJ, mode >> 3 & 7, nullptr) &&
                  add_entry(raw, ACL_OTHER, mode & 7, nullptr);
  if (named != 0) {
    complete = complete && add_named(raw, ACL_USER, permissions.read_users) &&
               add_named(raw, ACL_GROUP, permissions.read_groups) &&
               add_entry(raw, ACL_MASK, (mode >> 3 & 7) | 4, nullptr);
  }
  Acl acl(raw);  // only now: acl_create_entry() may have moved it
  return complete ? std::move(acl) : nullptr;
}

}  // namespace

int set_file_acl(int fd, const Permissions& permissions) {
  const Acl wanted = build_acl(permissions);
  if (!wanted) return -errno;
  const Acl present(::acl_get_fd(fd));
  if (present && ::acl_cmp(present.get(), wanted.get()) == 0) return 0;
  if (::acl_set_fd(fd, wanted.get()) == 0) return 0;
  const bool without_acls = errno == ENOTSUP || errno == ENOSYS;
  if (!without_acls || !permissions.read_users.empty() || !permissions.read_groups.empty()) {
    return -errno;
  }
  return ::fchmod(fd, permissions.mode) == 0 ? 0 : -errno;
}

}  // namespace sorrel::sink
