#include "host/proc_fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "host/root_file.h"

namespace sorrel::host {
namespace {

constexpr std::size_t kFirstBufferBytes = 32 * 1024;
constexpr std::size_t kMaxStatBytes = std::size_t{8} << 20;  // /proc/stat: a column an interrupt
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
constexpr std::uint64_t kSecondNs = 1'000'000'000;

template <class Number>
std::optional<Number> number(std::string_view text) noexcept {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = end == text.data() + text.size() || *end == '\n';
  return error == std::errc{} && is_whole ? std::optional(value) : std::nullopt;
}

ProcRead outcome_of(int error) noexcept {
  return error == ENOENT || error == ESRCH ? ProcRead::missing : ProcRead::unreadable;
}

}  // namespace

Result<ProcFs> ProcFs::open(const std::string& root, EnvironmentSelection environment,
                            std::uint32_t ticks_per_second) {
  ProcFs proc;
  proc.root_ = root;
  proc.folder_ = open_in_root(root, "/proc", kFolderFlags);
  struct statfs status {};
  if (!proc.folder_ || ::fstatfs(proc.folder_.get(), &status) != 0) {
    const int error = errno;
    return fail_errno(error, "cannot open proc under the root " + root);
  }
  proc.is_live_ = status.f_type == PROC_SUPER_MAGIC;
  proc.selection_ = std::move(environment);
  if (ticks_per_second == 0) {
    const long system = ::sysconf(_SC_CLK_TCK);
    ticks_per_second = system > 0 ? static_cast<std::uint32_t>(system) : 100;
  }
  proc.tick_ns_ = kSecondNs / ticks_per_second;
  proc.buffer_.resize(kFirstBufferBytes);
  if (const Result<std::string> text = read_root_file(root, "/proc/stat", kMaxStatBytes); text)
    proc.boot_time_ns_ = parse_boot_time(*text) * kSecondNs;
  proc.pid_namespace_ = proc.own_namespace();
  return proc;
}

// The pid namespace that this /proc shows: that of its process 1. Where that may not be looked at,
// ours, if it gives us one pid only. 0: not known.
std::uint64_t ProcFs::own_namespace() {
  if (const Fd first = open_process(1); first) {
    if (const std::optional<std::uint64_t> found = read_namespace(first, "ns/pid"); found)
      return *found;
  }
  const Fd self(::openat(folder_.get(), "self", kFolderFlags));
  const std::optional<std::string_view> status = self ? read_file(self, "status") : std::nullopt;
  if (!status || parse_namespace_pids(*status).depth != 1) return 0;
  return read_namespace(self, "ns/pid").value_or(0);
}

ProcRead ProcFs::read(std::uint32_t pid, std::uint32_t parts, ProcFacts& facts) {
  facts.clear();
  const Fd process = open_process(pid);
  if (!process) return outcome_of(errno);
  const Fd stat_file = open_file(process, "stat");
  if (!stat_file) return outcome_of(errno);
  ProcStat stat;
  std::optional<std::string_view> text = read_start(stat_file);
  if (!text) return outcome_of(errno);
  if (!parse_proc_stat(*text, stat)) return ProcRead::unreadable;
  take_stat(stat, facts);
  if ((parts & ~part::kStat) == 0) return ProcRead::complete;

  read_parts(process, parts, facts);

  // Each part came through a folder that is this process's alone, so it lived until the last one.
  const bool is_whole = (parts & ~facts.known) == 0 && !facts.environment_empty;
  if (is_live_ && is_whole) return ProcRead::complete;
  text = read_start(stat_file);
  if (text && (!parse_proc_stat(*text, stat) || stat.start_ticks != facts.start_ticks)) {
    facts.clear();
    return ProcRead::missing;
  }
  // A process that exits loses its memory first, and what it had in it then reads as empty.
  if ((!text || stat.is_ending()) && facts.environment_empty) facts.known &= ~part::kEnvironment;
  return text ? ProcRead::complete : ProcRead::ended;
}

Life ProcFs::life(std::uint32_t pid, std::uint64_t start_ticks) {
  const auto unread = [](int error) {
    return outcome_of(error) == ProcRead::missing ? Life::gone : Life::unknown;
  };
  const Fd process = open_process(pid);
  if (!process) return unread(errno);
  const std::optional<std::string_view> text = read_file(process, "stat");
  if (!text) return unread(errno);
  ProcStat stat;
  if (!parse_proc_stat(*text, stat)) return Life::unknown;
  if (stat.start_ticks != start_ticks) return Life::gone;
  return stat.is_ending() ? Life::zombie : Life::alive;
}

Fd ProcFs::open_executable(std::uint32_t pid, std::uint64_t start_ticks) {
  const Fd process = open_process(pid);
  if (!process || !is_live_) return Fd();
  Fd file(::openat(process.get(), "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return file;
  const std::optional<std::string_view> text = read_file(process, "stat");
  ProcStat stat;
  if (!text || !parse_proc_stat(*text, stat) || stat.start_ticks != start_ticks) return Fd();
  return file;
}

Status ProcFs::list(std::vector<std::uint32_t>& pids) {
  pids.clear();
  const auto failed = [this](int error) {
    return fail_errno(error, "cannot list the processes under the root " + root_);
  };
  const Fd folder(::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed(errno);
  for (;;) {
    const ssize_t count = ::getdents64(folder.get(), buffer_.data(), buffer_.size());
    if (count < 0) return failed(errno);
    if (count == 0) return Ok{};
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      const char* const entry = buffer_.data() + at;
      std::uint16_t entry_size = 0;
      std::copy_n(entry + offsetof(dirent64, d_reclen), sizeof(entry_size),
                  reinterpret_cast<char*>(&entry_size));
      const std::string_view name(entry + offsetof(dirent64, d_name));
      const std::optional<std::uint32_t> pid = number<std::uint32_t>(name);
      if (pid && *pid != 0 && name[0] != '0') pids.push_back(*pid);
      at += entry_size;
    }
  }
}

Fd ProcFs::open_process(std::uint32_t pid) const noexcept {
  char name[12];
  *std::to_chars(name, name + sizeof(name) - 1, pid).ptr = '\0';
  return Fd(::openat(folder_.get(), name, kFolderFlags | O_NOFOLLOW));
}

Fd ProcFs::open_file(const Fd& process, const char* name) noexcept {
  // A FIFO in a folder that only looks like /proc must not hold us.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  return Fd(::openat(process.get(), name, kFlags));
}

// Reads from the beginning, also of a file that was read before: /proc then makes its text anew.
std::optional<std::string_view> ProcFs::read_start(const Fd& file) noexcept {
  // The kernel gives these files whole, so a short count is the end (proc_single_show()).
  const ssize_t count = ::pread(file.get(), buffer_.data(), buffer_.size(), 0);
  if (count < 0) return std::nullopt;
  return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
}

std::optional<std::string_view> ProcFs::read_file(const Fd& process, const char* name) {
  const Fd file = open_file(process, name);
  return file ? read_start(file) : std::nullopt;
}

std::optional<std::string_view> ProcFs::read_link(const Fd& process, const char* name) {
  const ssize_t count = ::readlinkat(process.get(), name, buffer_.data(), buffer_.size());
  if (count < 0) return std::nullopt;
  return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
}

std::optional<std::uint64_t> ProcFs::read_number(const Fd& process, const char* name) {
  const std::optional<std::string_view> text = read_file(process, name);
  return text ? number<std::uint64_t>(*text) : std::nullopt;
}

// "pid:[4026531836]": the number is the inode of the namespace.
std::optional<std::uint64_t> ProcFs::read_namespace(const Fd& process, const char* name) {
  std::optional<std::string_view> text = read_link(process, name);
  if (!text || !text->ends_with(']')) return std::nullopt;
  const std::size_t open = text->find('[');
  if (open == text->npos) return std::nullopt;
  return number<std::uint64_t>(text->substr(open + 1, text->size() - open - 2));
}

void ProcFs::take_stat(const ProcStat& stat, ProcFacts& facts) const noexcept {
  facts.known = part::kStat;
  facts.pid = stat.pid;
  facts.ppid = stat.ppid;
  facts.process_group = stat.process_group;
  facts.session = stat.session;
  facts.state = stat.state;
  facts.kernel_thread = stat.is_kernel_thread();
  facts.start_ticks = stat.start_ticks;
  facts.start_ns = boot_time_ns_ == 0 ? 0 : boot_time_ns_ + stat.start_ticks * tick_ns_;
  facts.comm_size =
      static_cast<std::uint8_t>(stat.comm.copy(facts.comm_bytes.data(), facts.comm_bytes.size()));
}

}  // namespace sorrel::host
