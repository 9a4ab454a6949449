#include "sink/file_sink.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace sorrel::sink {
namespace {

constexpr std::uint64_t kRetryNs = 1'000'000'000;
constexpr mode_t kOthersWrite = 0002;
constexpr mode_t kSticky = 01000;

void ignore_unless_handled(int signal_number) {
  struct sigaction action {};
  if (::sigaction(signal_number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = SIG_IGN;
  ::sigaction(signal_number, &action, nullptr);
}

void warn_about_folder(Storage& storage, const FileTarget& target) {
  FileStatus folder;
  if (storage.status(target.folder + "/.", folder) != 0) return;
  if ((folder.mode & kOthersWrite) == 0 || (folder.mode & kSticky) != 0) return;
  log(Level::warning, "every user can replace the files in the output's folder; chmod o-w it",
      {{"folder", target.folder}});
}

}  // namespace

Result<std::unique_ptr<FileSink>> FileSink::create(const FileOptions& options, Storage& storage,
                                                   const Clock& clock) {
  Result<FileTarget> target = resolve_target(options);
  if (!target) return Unexpected<Error>(std::move(target).error());
  ignore_unless_handled(SIGXFSZ);
  std::unique_ptr<FileSink> sink(new FileSink(options, std::move(*target), storage, clock));
  if (sink->is_stream_) {
    ignore_unless_handled(SIGPIPE);
    return sink;
  }
  Result<LogFile> file = open_log_file(storage, sink->target_);
  if (!file) return Unexpected<Error>(std::move(file).error());
  if (file->permission_error == ENOTSUP) {
    return fail_errno(ENOTSUP, "output file " + options.path +
                                   ": its file system has no POSIX ACLs, which read-users and "
                                   "read-groups need; use group and mode 0640 instead");
  }
  if (file->permission_error != 0) {
    return fail_errno(file->permission_error,
                      "output file " + options.path +
                          ": cannot set its owner, group, mode or readers; run as root or as its "
                          "owner, or take those options out");
  }
  warn_about_folder(storage, sink->target_);
  sink->adopt(std::move(*file));
  return sink;
}

FileSink::FileSink(const FileOptions& options, FileTarget target, Storage& storage,
                   const Clock& clock)
    : options_(options),
      target_(std::move(target)),
      storage_(storage),
      clock_(clock),
      writer_(storage, options.line_prefix),
      is_stream_(options.path == "-"),
      outage_(is_stream_ ? "standard output" : options.path) {}

Answer FileSink::write(const buffer::FrameBatch& batch) {
  if (batch.empty()) return Answer::acknowledged;
  statistics_.batches.add();
  if (is_stream_) return write_stream(batch);
  if (!file_.fd && retry_is_due()) try_open();
  WriteOutcome outcome{.bytes = 0, .error = file_.fd ? mend_tail() : ENOENT};
  if (outcome.error == 0) {
    if (file_.size_bytes == 0) file_.birth_ns = clock_.realtime_ns();
    outcome = writer_.write(file_.fd.get(), batch);
  }
  const FrameBoundary done = count(batch, outcome);
  if (outcome.bytes != 0) {
    file_.size_bytes += done.bytes;
    unchecked_.frames += done.frames;
    file_.tail_bytes = outcome.bytes - done.bytes;
    file_.is_torn = file_.tail_bytes != 0;
    cut_tail();
  }
  rotate_if_due();
  return Answer::acknowledged;
}

Answer FileSink::write_stream(const buffer::FrameBatch& batch) {
  WriteOutcome outcome{.bytes = 0, .error = stream_error_};
  if (stream_error_ == 0) outcome = writer_.write(STDOUT_FILENO, batch);
  count(batch, outcome);
  stream_error_ = outcome.error;
  return stream_error_ == 0 ? Answer::acknowledged : Answer::fatal;
}

// Counts what was written of the batch and what was not; returns the former.
FrameBoundary FileSink::count(const buffer::FrameBatch& batch, const WriteOutcome& outcome) {
  FrameBoundary done{batch.frames().size(), outcome.bytes};
  if (outcome.error == 0) {
    statistics_.written.add(done.frames, done.bytes);
    outage_.end(clock_.monotonic_ns());
    return done;
  }
  done = writer_.boundary(batch, outcome.bytes);
  const FrameBoundary whole = writer_.extent(batch);
  const FrameBoundary lost{whole.frames - done.frames, whole.bytes - done.bytes};
  statistics_.written.add(done.frames, done.bytes);
  statistics_.drop(drop_reason(outcome.error)).add(lost.frames, lost.bytes);
  outage_.add_loss(outcome.error, lost.frames, lost.bytes, clock_.monotonic_ns());
  return done;
}

// Removes our torn frame from the end of the file. False: it is still there.
bool FileSink::cut_tail() {
  if (file_.tail_bytes == 0) return !file_.is_torn;
  FileStatus now;
  // Where the end is not ours, someone else writes here too, and cutting would cut his lines.
  const bool is_ours = storage_.status(file_.fd.get(), now) == 0 &&
                       now.size_bytes == file_.size_bytes + file_.tail_bytes;
  if (!is_ours || storage_.truncate(file_.fd.get(), file_.size_bytes) != 0) return false;
  file_.tail_bytes = 0;
  file_.is_torn = false;
  return true;
}

// Makes the end of the file fit for a new line: without the torn frame, or with an end to its line.
// Returns 0, or the errno with which both failed.
int FileSink::mend_tail() {
  if (!file_.is_torn || cut_tail()) return 0;
  const WriteOutcome ended = writer_.write_bytes(file_.fd.get(), "\n");
  if (ended.error != 0) return ended.error;
  statistics_.torn_lines.add();
  log(Level::warning, "output file has half a line, whose rest is lost; it was ended",
      {{"path", target_.path}});
  file_.size_bytes += file_.tail_bytes + 1;
  file_.tail_bytes = 0;
  file_.is_torn = false;
  return 0;
}

bool FileSink::retry_is_due() const noexcept {
  return clock_.monotonic_ns() - last_open_ns_ >= kRetryNs;
}

void FileSink::adopt(LogFile file) {
  if (file.permission_error != 0) {
    statistics_.permission_failures.add();
    log(Level::error, "output file did not get its owner, mode or readers, and is used as it is",
        {{"path", target_.path},
         {"error", std::generic_category().message(file.permission_error)}});
  }
  file_ = std::move(file);
  unchecked_ = {.offset = file_.size_bytes, .frames = 0};
}

void FileSink::try_open() {
  last_open_ns_ = clock_.monotonic_ns();
  Result<LogFile> file = open_log_file(storage_, target_);
  if (!file) {
    outage_.add_loss(file.error().code.value(), 0, 0, last_open_ns_);
    return;
  }
  adopt(std::move(*file));
  save_orphan();
}

void FileSink::tick() {
  if (is_stream_) return;
  if (!file_.fd) {
    try_open();
  } else if (outage_.needs_new_descriptor()) {
    reopen();
  } else {
    check_place();
  }
  rotate_if_due();
}

void FileSink::reopen() {
  if (is_stream_) return;
  if (!file_.fd) {
    try_open();
    return;
  }
  check_place();  // it may have been removed: what it holds must not go with it
  if (!file_.fd) return;
  Result<LogFile> file = open_log_file(storage_, target_);
  if (!file) {
    statistics_.reopen_failures.add();
    if (outage_.is_active()) return;  // it has its log line
    log(Level::warning, "output file cannot be opened again, the open one is kept",
        {{"error", file.error().to_string()}});
    return;
  }
  // The same file: what is known of it, and its torn end, stay.
  if (file->status.is_same_file(file_.status)) {
    file_.fd = std::move(file->fd);
    return;
  }
  adopt(std::move(*file));
}

void FileSink::check_place() {
  FileStatus own;
  FileStatus there;
  if (storage_.status(file_.fd.get(), own) != 0) return;
  const int error = storage_.status(target_.path, there);
  if (error == 0 && own.is_same_file(there)) {
    if (own.size_bytes < file_.size_bytes) note_truncation(own.size_bytes);
    if (!file_.is_torn) file_.size_bytes = own.size_bytes;  // others may write here too
    unchecked_ = {.offset = file_.size_bytes, .frames = 0};
    return;
  }
  if (error != 0 && error != -ENOENT && error != -ENOTDIR) return;  // nothing is known
  statistics_.displacements.add();
  log(Level::warning, "output file was removed, renamed or replaced by someone else",
      {{"path", target_.path}});
  if (own.links == 0) {
    orphan_ = {.fd = std::move(file_.fd),
               .begin = unchecked_.offset,
               .end = file_.size_bytes,
               .frames = unchecked_.frames};
  } else {
    cut_tail();  // the last chance to
  }
  file_ = LogFile{};
  try_open();
}

void FileSink::note_truncation(std::uint64_t size_bytes) {
  statistics_.truncations.add();
  log(Level::warning, "output file was cut by someone else", {{"path", target_.path}});
  file_.size_bytes = size_bytes;
  file_.tail_bytes = 0;
  file_.is_torn = !ends_in_line_break(storage_, file_.fd.get(), size_bytes);
}

}  // namespace sorrel::sink
