#include "sink/file_target.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <charconv>
#include <vector>

namespace sorrel::sink {
namespace {

constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 20;  // a group may have many members

Unexpected<Error> refuse(const FileOptions& options, const std::string& why) {
  return fail(std::errc::invalid_argument, "output file " + options.path + ": " + why);
}

// Calls getpwnam_r(3) or getgrnam_r(3) with a buffer that is large enough. Returns 0 when the name
// was looked up (`found` says with what result), else an errno.
template <class Entry, class LookUp>
int look_up(LookUp function, const std::string& name, Entry& entry, bool& found) {
  for (std::size_t size = 4096; size <= kMaxEntryBytes; size *= 4) {
    std::vector<char> buffer(size);
    Entry* result = nullptr;
    const int error = function(name.c_str(), &entry, buffer.data(), buffer.size(), &result);
    found = result != nullptr;
    if (error != ERANGE) return error;
  }
  return ERANGE;
}

// A decimal id, for containers and for users that only a directory server knows.
bool parse_id(const std::string& text, std::uint32_t& id) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() && id != ~std::uint32_t{0};
}

Result<std::uint32_t> user_id(const FileOptions& options, const std::string& name) {
  passwd entry{};
  bool found = false;
  std::uint32_t id = 0;
  const int error = look_up(&::getpwnam_r, name, entry, found);
  if (found) return std::uint32_t{entry.pw_uid};
  if (parse_id(name, id)) return id;
  if (error != 0 && error != ENOENT && error != ESRCH) {
    return fail_errno(error, "output file " + options.path + ": cannot look up the user " + name +
                                 "; check /etc/nsswitch.conf, or give the number");
  }
  return refuse(options, "there is no user " + name +
                             "; create it (useradd --system), or take it out of the options "
                             "owner and read-users");
}

Result<std::uint32_t> group_id(const FileOptions& options, const std::string& name) {
  group entry{};
  bool found = false;
  std::uint32_t id = 0;
  const int error = look_up(&::getgrnam_r, name, entry, found);
  if (found) return std::uint32_t{entry.gr_gid};
  if (parse_id(name, id)) return id;
  if (error != 0 && error != ENOENT && error != ESRCH) {
    return fail_errno(error, "output file " + options.path + ": cannot look up the group " + name +
                                 "; check /etc/nsswitch.conf, or give the number");
  }
  return refuse(options, "there is no group " + name +
                             "; create it (groupadd --system), or take it out of the options "
                             "group and read-groups");
}

Status check_options(const FileOptions& options) {
  if (options.path.empty()) {
    return fail(
        std::errc::invalid_argument,
        "output file: its path is empty; give the path of a file, or - for standard output");
  }
  if (options.path.back() == '/' || options.path.find('\0') != std::string::npos) {
    return refuse(options, "this cannot be the name of a file; give folder/file");
  }
  const bool rotates = options.rotate_size_bytes != 0 || options.rotate_age_s != 0;
  if (rotates && options.generations == 0) {
    return refuse(options,
                  "rotation is on, but no rotated file is kept (generations: 0), so each rotation "
                  "would throw all events away; set generations to 1 or more");
  }
  if (options.generations > kMaxGenerations) {
    return refuse(options, "at most " + std::to_string(kMaxGenerations) + " generations are kept");
  }
  if ((options.mode & ~std::uint32_t{0666}) != 0 || (options.mode & 0602) != 0600) {
    return refuse(options,
                  "its mode must let the owner read and write, not let all others write, and have "
                  "no other bits than r and w; 0600 and 0640 are usual");
  }
  if (options.line_prefix.find('\n') != std::string::npos ||
      options.line_prefix.size() > kMaxLinePrefixBytes) {
    return refuse(options, "its line prefix must be at most " +
                               std::to_string(kMaxLinePrefixBytes) + " bytes without a line break");
  }
  if (options.read_users.size() > kMaxReaders || options.read_groups.size() > kMaxReaders) {
    return refuse(options, "more than " + std::to_string(kMaxReaders) +
                               " names in read-users or read-groups; put the users in one group");
  }
  return Ok{};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<FileTarget> resolve_target(const FileOptions& options) {
  if (Status checked = check_options(options); !checked) {
    return Unexpected<Error>(std::move(checked).error());
  }
  FileTarget target{.path = options.path,
                    .folder = folder_of(options.path),
                    .temporary_path = options.path + ".tmp",
                    .permissions = {}};
  Permissions& permissions = target.permissions;
  permissions.mode = options.mode;
  if (options.owner) {
    Result<std::uint32_t> id = user_id(options, *options.owner);
    if (!id) return Unexpected<Error>(std::move(id).error());
    permissions.uid = *id;
  }
  if (options.group) {
    Result<std::uint32_t> id = group_id(options, *options.group);
    if (!id) return Unexpected<Error>(std::move(id).error());
    permissions.gid = *id;
  }
  for (const std::string& name : options.read_users) {
    Result<std::uint32_t> id = user_id(options, name);
    if (!id) return Unexpected<Error>(std::move(id).error());
    permissions.read_users.push_back(*id);
  }
  for (const std::string& name : options.read_groups) {
    Result<std::uint32_t> id = group_id(options, name);
    if (!id) return Unexpected<Error>(std::move(id).error());
    permissions.read_groups.push_back(*id);
  }
  return target;
}

}  // namespace sorrel::sink
