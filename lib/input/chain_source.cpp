#include "input/chain_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "input/open_source.h"

namespace sorrel::input {
namespace {

// The size of a regular file, nothing for a pipe or a device.
Result<std::optional<std::uint64_t>> stored_bytes(const std::string& path) {
  using Bytes = std::optional<std::uint64_t>;
  struct stat info {};
  if (path == "-") return Bytes();
  if (::stat(path.c_str(), &info) != 0) {
    return fail_errno(errno, path + ": cannot open it; check the path");
  }
  if (S_ISDIR(info.st_mode)) {
    return fail(std::errc::is_a_directory, path + ": name the files in it, or a log's folder");
  }
  return S_ISREG(info.st_mode) ? Bytes(static_cast<std::uint64_t>(info.st_size)) : Bytes();
}

}  // namespace

Result<std::unique_ptr<ChainSource>> ChainSource::open(std::vector<std::string> paths,
                                                       const ReadLimits& limits) {
  if (paths.empty()) {
    return fail(std::errc::invalid_argument, "no file to read; name one, or - for standard input");
  }
  std::uint64_t total = 0;
  bool total_known = true;
  for (const std::string& path : paths) {
    auto bytes = stored_bytes(path);
    if (!bytes) return Unexpected(std::move(bytes).error());
    total_known = total_known && bytes->has_value();
    total += bytes->value_or(0);
  }
  // The constructor is private: make_unique cannot call it.
  return std::unique_ptr<ChainSource>(
      new ChainSource(std::move(paths), limits, total_known ? total : 0));
}

void ChainSource::finish_current() {
  if (current_ == nullptr) return;
  bytes_done_ += current_->progress().bytes_read;
  counts_done_ += current_->counts();
  current_.reset();
}

Result<ReadState> ChainSource::read(Batch& batch) {
  batch.clear();
  while (true) {
    if (current_ == nullptr) {
      if (next_ == paths_.size()) return ReadState::ended;
      auto opened = open_source(paths_[next_++], limits_);
      if (!opened) return Unexpected(std::move(opened).error());
      current_ = *std::move(opened);
      has_every_serial_ = current_->has_every_serial();
    }
    auto state = current_->read(batch);
    if (state && *state != ReadState::ended) return state;
    // FileSources end with an empty batch, so nothing views the buffers that go now.
    finish_current();
    if (!state) return state;
  }
}

Progress ChainSource::progress() const noexcept {
  const std::uint64_t now = current_ != nullptr ? current_->progress().bytes_read : 0;
  return {bytes_done_ + now, bytes_total_};
}

FileCounts ChainSource::counts() const noexcept {
  FileCounts counts = counts_done_;
  if (current_ != nullptr) counts += current_->counts();
  return counts;
}

}  // namespace sorrel::input
