#include <fcntl.h>
#include <sys/stat.h>

#include "host/proc_fs.h"
#include "host/root_file.h"

// The parts of ProcFs::read(): one file or two each.

namespace sorrel::host {
namespace {

constexpr int kExeFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// Whether `path` names this file: a file may well be called "x (deleted)".
bool is_name_of(const std::string& root, const std::string& path, const struct stat& file) {
  if (file.st_nlink == 0) return false;
  const Fd named = open_in_root(root, path, O_PATH | O_CLOEXEC);
  struct stat status {};
  return named && ::fstat(named.get(), &status) == 0 && status.st_dev == file.st_dev &&
         status.st_ino == file.st_ino;
}

}  // namespace

void ProcFacts::clear() noexcept {
  known = 0;
  pid = ppid = 0;
  process_group = session = 0;
  state = 0;
  kernel_thread = false;
  start_ticks = start_ns = 0;
  comm_size = 0;
  exe.clear();
  exe_deleted = false;
  exe_file = {};
  cgroup_text.clear();
  cgroup = {};
  pid_namespace = mount_namespace = 0;
  namespace_pid = 0;
  environment.clear();
  environment_empty = environment_cut = false;
  login_uid = session_id = kUnset;
  cwd.clear();
}

// What a process takes with it first comes first.
void ProcFs::read_parts(const Fd& process, std::uint32_t parts, ProcFacts& facts) {
  if (parts & (part::kExe | part::kExeFile)) read_exe(process, parts, facts);
  if (parts & part::kEnvironment) read_environment(process, facts);
  if (parts & (part::kNamespaces | part::kNamespacePid)) read_namespaces(process, parts, facts);
  if (parts & part::kMountNamespace) {
    if (const auto mounts = read_namespace(process, "ns/mnt"); mounts) {
      facts.mount_namespace = *mounts;
      facts.known |= part::kMountNamespace;
    }
  }
  if (parts & part::kCwd) {
    if (const auto path = read_link(process, "cwd"); path) {
      facts.cwd = *path;
      facts.known |= part::kCwd;
    }
  }
  if (parts & part::kCgroup) read_cgroup(process, facts);
  if (parts & part::kLogin) read_login(process, facts);
}

void ProcFs::read_exe(const Fd& process, std::uint32_t parts, ProcFacts& facts) {
  constexpr std::string_view kDeleted = " (deleted)";
  const std::optional<std::string_view> path = read_link(process, "exe");
  if (!path) return;
  facts.known |= part::kExe;
  facts.exe = *path;
  if (facts.exe.ends_with(kDeleted)) {
    facts.exe_deleted = true;
    facts.exe.resize(facts.exe.size() - kDeleted.size());
  }
  if ((parts & part::kExeFile) == 0) return;
  struct stat status {};
  if (is_live_) {
    if (::fstatat(process.get(), "exe", &status, 0) != 0) return;
    if (facts.exe_deleted && is_name_of(root_, facts.exe + std::string(kDeleted), status)) {
      facts.exe += kDeleted;
      facts.exe_deleted = false;
    }
  } else {
    // A link that is only a link is resolved as the host under the root would.
    if (facts.exe_deleted) return;
    const Fd file = open_in_root(root_, facts.exe, kExeFlags);
    if (!file || ::fstat(file.get(), &status) != 0) return;
  }
  facts.known |= part::kExeFile;
  facts.exe_file = file_id(status);
}

void ProcFs::read_cgroup(const Fd& process, ProcFacts& facts) {
  const std::optional<std::string_view> text = read_file(process, "cgroup");
  // What fills the buffer may go on, and half a path would be another one.
  if (!text || text->size() == buffer_.size()) return;
  facts.cgroup_text = *text;
  facts.cgroup = parse_cgroup(facts.cgroup_text);
  facts.known |= part::kCgroup;
}

void ProcFs::read_namespaces(const Fd& process, std::uint32_t parts, ProcFacts& facts) {
  const std::optional<std::uint64_t> pids = read_namespace(process, "ns/pid");
  if (pids && (parts & part::kNamespaces) != 0) {
    facts.pid_namespace = *pids;
    facts.known |= part::kNamespaces;
  }
  if ((parts & part::kNamespacePid) == 0) return;
  if (pids && *pids == pid_namespace_) {
    // Spares the most costly file of all.
    facts.namespace_pid = facts.pid;
    facts.known |= part::kNamespacePid;
    return;
  }
  const std::optional<std::string_view> status = read_file(process, "status");
  if (!status) return;
  if (const NamespacePids found = parse_namespace_pids(*status); found.depth != 0) {
    facts.namespace_pid = found.innermost;
    facts.known |= part::kNamespacePid;
  }
}

void ProcFs::read_environment(const Fd& process, ProcFacts& facts) {
  const Fd file = open_file(process, "environ");
  if (!file) return;
  std::optional<std::string_view> bytes = read_start(file);
  while (bytes && bytes->size() == buffer_.size() && buffer_.size() < kMaxEnvironBytes) {
    buffer_.resize(buffer_.size() * 2);
    bytes = read_start(file);
  }
  // A kernel thread has none, and reading it gives no byte.
  if (!bytes || facts.kernel_thread) return;
  facts.environment.fill(*bytes, selection_);
  facts.environment_empty = bytes->empty();
  facts.environment_cut = bytes->size() == buffer_.size();
  facts.known |= part::kEnvironment;
}

void ProcFs::read_login(const Fd& process, ProcFacts& facts) {
  const std::optional<std::uint64_t> user = read_number(process, "loginuid");
  const std::optional<std::uint64_t> session = read_number(process, "sessionid");
  if (!user || !session) return;
  facts.login_uid = static_cast<std::uint32_t>(*user);
  facts.session_id = static_cast<std::uint32_t>(*session);
  facts.known |= part::kLogin;
}

}  // namespace sorrel::host
