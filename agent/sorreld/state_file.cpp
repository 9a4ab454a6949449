#include "sorreld/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include "base/log.h"
#include "base/siphash.h"

namespace sorrel::agent {
namespace {

constexpr std::string_view kMagic = "sorrel-state 1 ";
constexpr std::size_t kMaxBootIdBytes = 64;
constexpr std::size_t kMaxFileBytes = 256;
constexpr Hash128 kChecksumKey = {0x736f7272656c, 0x7374617465};

std::string checksum(std::string_view text) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(siphash_128(kChecksumKey, text)[0]));
  return std::string(digits.data(), 16);
}

// Takes "KEY=VALUE " off the front of `text`.
bool take_field(std::string_view& text, std::string_view key, std::string_view& value) {
  if (!text.starts_with(key) || text.size() <= key.size() || text[key.size()] != '=') return false;
  text.remove_prefix(key.size() + 1);
  const std::size_t end = text.find(' ');
  if (end == std::string_view::npos) return false;
  value = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

template <class Number>
bool take_number(std::string_view& text, std::string_view key, Number& number) {
  std::string_view value;
  if (!take_field(text, key, value)) return false;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size();
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::string to_text(const SavedState& state) {
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "serial=%010lu time_ns=%020llu ",
                static_cast<unsigned long>(state.last_serial),
                static_cast<unsigned long long>(state.time_ns));
  std::string text(kMagic);
  text += "boot=" + state.boot_id + ' ' + numbers.data();
  text += "sum=" + checksum(text) + '\n';
  return text;
}

std::optional<SavedState> parse_saved_state(std::string_view text) {
  const std::size_t sum = text.rfind("sum=");
  if (!text.starts_with(kMagic) || sum == std::string_view::npos ||
      text.substr(sum + 4) != checksum(text.substr(0, sum)) + '\n') {
    return std::nullopt;
  }
  text = text.substr(kMagic.size(), sum - kMagic.size());
  SavedState state;
  std::string_view boot_id;
  if (!take_field(text, "boot", boot_id) || boot_id.empty() || boot_id.size() > kMaxBootIdBytes ||
      !take_number(text, "serial", state.last_serial) ||
      !take_number(text, "time_ns", state.time_ns) || !text.empty()) {
    return std::nullopt;
  }
  state.boot_id = boot_id;
  return state;
}

Result<StateFile> StateFile::open(const std::string& path) {
  const std::string folder = folder_of(path);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail_errno(errno, "state_dir " + folder +
                                 ": cannot create it; make its parent folder, or set state_dir to "
                                 "a folder that sorreld may write to");
  }
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
               0600));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return fail_errno(errno, "state file " + path +
                                 ": cannot open it; set state_dir to a folder that sorreld may "
                                 "write to");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(std::errc::invalid_argument, "state file " + path + " is no regular file");
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail_errno(
        errno, "state file " + path + ": another sorreld uses it; give each its own state_dir");
  }
  StateFile file(path, std::move(fd));
  std::array<char, kMaxFileBytes> bytes;
  const ssize_t size = ::pread(file.fd_.get(), bytes.data(), bytes.size(), 0);
  if (size > 0) {
    file.previous_ = parse_saved_state({bytes.data(), static_cast<std::size_t>(size)});
    if (!file.previous_) {
      log(Level::warning,
          "the state file is damaged or of another version; what was lost since the last run "
          "cannot be told",
          {{"path", path}});
    }
  }
  // What is written is shorter than what another version, or someone else, may have left.
  if (!file.previous_ && ::ftruncate(file.fd_.get(), 0) != 0) {
    return fail_errno(errno, "state file " + path + ": cannot empty it");
  }
  return file;
}

Status StateFile::write(const SavedState& state) {
  const std::string text = to_text(state);
  const ssize_t written = ::pwrite(fd_.get(), text.data(), text.size(), 0);
  if (written == static_cast<ssize_t>(text.size())) return Ok{};
  return fail_errno(written < 0 ? errno : ENOSPC, "state file " + path_ + ": cannot write it");
}

Status StateFile::give_to(std::uint32_t uid, std::uint32_t gid) {
  if (::fchown(fd_.get(), uid, gid) != 0) {
    return fail_errno(errno, "state file " + path_ + ": cannot give it to the daemon's user");
  }
  const std::string folder = folder_of(path_);
  const Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) {
    return fail_errno(errno, "state_dir " + folder + ": cannot open it");
  }
  // A folder that others use too, /var/lib itself for one, stays theirs: the file is open already.
  if (status.st_uid != 0 || (status.st_mode & 077) != 0) return Ok{};
  if (::fchown(opened.get(), uid, gid) != 0) {
    return fail_errno(errno, "state_dir " + folder + ": cannot give it to the daemon's user");
  }
  return Ok{};
}

std::uint64_t StateWriter::update(std::optional<std::uint32_t> serial, std::uint64_t realtime_ns,
                                  std::uint64_t monotonic_ns) {
  if (!serial || serial == written_) return UINT64_MAX;
  state_.last_serial = *serial;
  state_.time_ns = realtime_ns;
  if (monotonic_ns < next_ns_) return next_ns_;
  next_ns_ = monotonic_ns + kSpacingNs;
  written_ = serial;
  const Status written = file_.write(state_);
  if (!written && !is_failing_) {
    log(Level::warning, "a restart will not know what was lost meanwhile",
        {{"error", written.error().to_string()}});
  }
  is_failing_ = !written;
  return UINT64_MAX;
}

void StateWriter::flush() {
  if (state_.time_ns == 0 || written_ == state_.last_serial) return;
  written_ = state_.last_serial;
  if (const Status written = file_.write(state_); !written) {
    log(Level::warning, "a restart will not know what was lost meanwhile",
        {{"error", written.error().to_string()}});
  }
}

}  // namespace sorrel::agent
