// A start with much that no output has read yet.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/fd.h"
#include "buffer/os_storage.h"
#include "buffer_workload.h"
#include "common.h"

namespace sorrel::bench {
namespace {

constexpr std::size_t kOutputs = 4;

std::vector<buffer::OutputInfo> outputs() {
  std::vector<buffer::OutputInfo> infos;
  for (std::size_t i = 0; i < kOutputs; ++i) {
    infos.push_back(
        {.name = "output" + std::to_string(i), .bit = std::uint64_t{1} << i, .from_oldest = true});
  }
  return infos;
}

// From /proc/self/status: "VmRSS" or "VmHWM", in MiB.
double memory_mib(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word.starts_with(key) && status >> kib) return kib / 1024;
  }
  give_up("/proc tells no memory");
}

std::uint64_t write_backlog(const std::vector<buffer::FrameBatch>& batches, const std::string& path,
                            double gigabytes) {
  const SystemClock clock;
  buffer::OsStorage storage;
  const auto buffer = or_exit(
      buffer::Buffer::open(storage, clock, bench_options(path, buffer::Sync::never, 0), outputs()));
  std::uint64_t frames = 0;
  std::size_t next = 0;
  for (double bytes = 0; bytes < gigabytes * 1e9;) {
    const buffer::FrameBatch& batch = batches[next++ % batches.size()];
    commit(*buffer, batch);
    bytes += static_cast<double>(batch.bytes().size());
    frames += kFramesOfCommit;
  }
  return frames;
}

// As after a boot: nothing of it is in memory.
void forget_pages(const std::string& path) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    const Fd file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fdatasync(file.get()) != 0 ||
        ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
      give_up("cannot write " + entry.path().string() + " out of memory");
    }
  }
}

}  // namespace

void measure_backlog(const std::vector<buffer::FrameBatch>& batches, const std::string& folder,
                     double gigabytes) {
  const std::string path = folder + "/backlog";
  std::filesystem::remove_all(path);
  const std::uint64_t frames = write_backlog(batches, path, gigabytes);
  forget_pages(path);
  std::printf("backlog_gb=%.1f backlog_frames=%llu ", gigabytes,
              static_cast<unsigned long long>(frames));
  std::fflush(stdout);
  // A program of its own: this one's memory is full of batches.
  std::string self = "/proc/self/exe";
  std::string option = "--read-backlog";
  std::string argument = path;
  char* arguments[] = {self.data(), option.data(), argument.data(), nullptr};
  pid_t child = 0;
  int status = 0;
  if (::posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments, environ) != 0 ||
      ::waitpid(child, &status, 0) != child || status != 0) {
    give_up("the start over a backlog failed");
  }
  std::filesystem::remove_all(path);
}

int read_backlog(const std::string& path) {
  const SystemClock clock;
  buffer::OsStorage storage;
  const double memory_before = memory_mib("VmRSS");
  const std::uint64_t begin_ns = clock.monotonic_ns();
  const auto buffer = or_exit(buffer::Buffer::open(
      storage, clock, bench_options(path, buffer::Sync::always, 0), outputs()));
  const double start_ms = static_cast<double>(clock.monotonic_ns() - begin_ns) / 1e6;
  std::uint64_t frames = 0;
  buffer::FrameBatch out;
  for (bool is_more = true; is_more;) {
    is_more = false;
    for (std::size_t i = 0; i < kOutputs; ++i) {
      buffer::Reader& reader = buffer->reader(i, buffer::Lane::security);
      if (!read_frames(reader, out)) continue;
      is_more = true;
      frames += out.frames().size();
      reader.acknowledge(out.frames().front().sequence, out.frames().back().sequence);
    }
    // Segments go while all have answered, as they do in the daemon.
    buffer->run_once();
  }
  std::printf("start_ms=%.0f memory_mib=%.1f frames_read=%llu\n", start_ms,
              memory_mib("VmHWM") - memory_before, static_cast<unsigned long long>(frames));
  return 0;
}

}  // namespace sorrel::bench
