#pragma once

#include "sink/file_storage.h"

namespace sorrel::sink {

// Gives an open file the mode of `permissions`, and an ACL that lets its read_users and read_groups
// read. The owner, the group and the others get what the mode says, named users and groups r, and
// the mask is the union of the group's bits and r, so that it takes nothing away from anybody.
// ACL entries that the folder's default ACL put on the file are removed.
// Returns 0, or a negative errno; -ENOTSUP: named readers, on a file system without ACLs.
// Source: acl(5), POSIX 1003.1e draft 17.
int set_file_acl(int fd, const Permissions& permissions);

}  // namespace sorrel::sink
