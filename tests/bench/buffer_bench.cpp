// The buffer against what it cannot do without: the bare writes of the same bytes.
//   buffer_bench --events FILE [--folder FOLDER] [--backlog-gb N]
// FILE: an event a line; they are the frames. FOLDER (default: the current one) is on the disk to
// be measured; what is made there is removed. Prints pairs of a name and a value; exit status 1
// when something could not be measured.
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "buffer/block_codec.h"
#include "buffer/crc32c.h"
#include "buffer/os_storage.h"
#include "buffer_workload.h"
#include "common.h"
#include "measure.h"

namespace sorrel::bench {
namespace {

constexpr int kRuns = 11;

double wall_seconds() {
  return static_cast<double>(read_clock(CLOCK_MONOTONIC)) / 1e9;
}

// A buffer in a folder of its own, which goes with it.
class Place {
 public:
  Place(std::string path, buffer::Sync sync, std::uint32_t compression) : path_(std::move(path)) {
    std::filesystem::remove_all(path_);
    buffer_ =
        or_exit(buffer::Buffer::open(storage_, clock_, bench_options(path_, sync, compression),
                                     {{.name = "one", .from_oldest = true}}));
  }
  ~Place() {
    buffer_.reset();
    std::filesystem::remove_all(path_);
  }
  buffer::Buffer& buffer() { return *buffer_; }
  buffer::Reader& reader() { return buffer_->reader(0, buffer::Lane::security); }
  void reopen(std::uint32_t compression) {
    buffer_.reset();
    buffer_ = or_exit(buffer::Buffer::open(storage_, clock_,
                                           bench_options(path_, buffer::Sync::never, compression),
                                           {{.name = "one", .from_oldest = true}}));
  }

 private:
  std::string path_;
  SystemClock clock_;
  buffer::OsStorage storage_;
  std::unique_ptr<buffer::Buffer> buffer_;
};

// Blocks as the buffer has them in its files, written as barely as it can be done.
class Bare {
 public:
  Bare(std::string path, const std::vector<buffer::FrameBatch>& batches) : path_(std::move(path)) {
    std::uint64_t first = 1;
    buffer::BlockEncoder encoder(0);
    for (const buffer::FrameBatch& batch : batches) {
      buffer::Block block;
      block.first = first;
      block.frames = batch.frames();
      block.bytes = batch.bytes();
      first = block.end();
      const buffer::BlockEncoder::Encoded encoded = encoder.encode(block, 0, nullptr);
      blocks_.emplace_back(encoded.head).append(encoded.tail);
    }
    begin();
  }
  ~Bare() { std::filesystem::remove(path_); }

  // An empty file.
  void begin() {
    std::filesystem::remove(path_);
    file_ = Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file_) give_up("cannot write to " + path_);
    offset_ = 0;
  }
  void write(std::string_view bytes) {
    const ssize_t written =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset_));
    if (written != static_cast<ssize_t>(bytes.size())) give_up("cannot write to " + path_);
    offset_ += bytes.size();
  }
  void write_durably(std::size_t i) {
    write(blocks_[i]);
    if (::fdatasync(file_.get()) != 0) give_up("cannot sync " + path_);
  }
  void write_checked(std::size_t i) {
    use(buffer::crc32c(blocks_[i]));
    write(blocks_[i]);
  }
  void write_packed(std::size_t i) {
    packed_.resize(ZSTD_compressBound(blocks_[i].size()));
    const std::size_t size = ZSTD_compressCCtx(context_.get(), packed_.data(), packed_.size(),
                                               blocks_[i].data(), blocks_[i].size(), 1);
    const std::string_view stored(packed_.data(), size);
    use(buffer::crc32c(stored));
    write(stored);
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::string path_;
  std::vector<std::string> blocks_;
  Fd file_;
  std::uint64_t offset_ = 0;
  std::string packed_;
  std::unique_ptr<ZSTD_CCtx, Free> context_{ZSTD_createCCtx()};
};

struct Sides {
  std::vector<double> ours;
  std::vector<double> bare;

  double ours_by_bare() const { return median(ours) / median(bare); }
};

// By turns, so that both see the same machine.
Sides compare(const std::function<double()>& ours, const std::function<double()>& bare) {
  Sides sides;
  ours();
  bare();
  for (int run = 0; run < kRuns; ++run) {
    sides.ours.push_back(ours());
    sides.bare.push_back(bare());
  }
  return sides;
}

// Seconds of `seconds` that a call for each batch takes.
double timed(double (*seconds)(), std::size_t count, const std::function<void(std::size_t)>& each) {
  const double before = seconds();
  for (std::size_t i = 0; i < count; ++i) each(i);
  return seconds() - before;
}

void measure_append(const std::string& folder, const std::vector<buffer::FrameBatch>& batches) {
  constexpr std::size_t kCommits = 40;
  Place place(folder + "/append", buffer::Sync::always, 0);
  Bare bare(folder + "/bare", batches);
  const auto end = [&] { return place.buffer().durable_end(buffer::Lane::security); };
  const Sides sides = compare(
      [&] {
        const std::uint64_t before = end();
        const double seconds = timed(wall_seconds, kCommits, [&](std::size_t i) {
          commit(place.buffer(), batches[i % batches.size()]);
        });
        if (end() != before + kCommits * kFramesOfCommit) give_up("commits are not durable");
        return seconds;
      },
      [&] {
        return timed(wall_seconds, kCommits,
                     [&](std::size_t i) { bare.write_durably(i % batches.size()); });
      });
  std::printf("append_ratio=%.3f append_commits_per_s=%.0f bare_commits_per_s=%.0f runs=%d\n",
              1 / sides.ours_by_bare(), kCommits / median(sides.ours),
              kCommits / median(sides.bare), kRuns);
}

void measure_cpu(const std::string& folder, const std::vector<buffer::FrameBatch>& batches,
                 std::uint32_t compression, const char* name) {
  constexpr std::size_t kCommits = 200;
  // So few that the processor's cache has them, as it has what an encoder has just made.
  const std::size_t count = std::min<std::size_t>(batches.size(), 8);
  // The disk's own share would be the same on both sides, and hide ours: nothing is synced.
  std::optional<Place> place;
  Bare bare(folder + "/bare", batches);
  const Sides sides = compare(
      [&] {
        place.emplace(folder + "/cpu", buffer::Sync::never, compression);
        // A daemon's memory is warm.
        for (std::size_t i = 0; i < 40; ++i) commit(place->buffer(), batches[i % count]);
        return timed(cpu_seconds, kCommits,
                     [&](std::size_t i) { commit(place->buffer(), batches[i % count]); });
      },
      [&] {
        bare.begin();
        return timed(cpu_seconds, kCommits, [&](std::size_t i) {
          compression == 0 ? bare.write_checked(i % count) : bare.write_packed(i % count);
        });
      });
  const double per_commit = 1e6 / static_cast<double>(kCommits);
  std::printf("%s_ratio=%.3f %s_us=%.1f %s_bare_us=%.1f\n", name, sides.ours_by_bare(), name,
              median(sides.ours) * per_commit, name, median(sides.bare) * per_commit);
}

void measure_reading(const std::string& folder, const std::vector<buffer::FrameBatch>& batches,
                     std::uint32_t compression, const char* name) {
  constexpr int kRounds = 4;
  Place place(folder + "/read", buffer::Sync::never, compression);
  std::size_t written = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (const buffer::FrameBatch& batch : batches) {
      commit(place.buffer(), batch);
      written += batch.bytes().size();
    }
  }
  std::vector<double> rates;
  buffer::FrameBatch out;
  for (int run = 0; run < kRuns; ++run) {
    place.reopen(compression);  // so that nothing is in the buffer's own memory
    const double before = cpu_seconds();
    std::size_t got = 0;
    while (read_frames(place.reader(), out)) got += out.bytes().size();
    rates.push_back(static_cast<double>(got) / (cpu_seconds() - before) / 1e9);
    if (got != written) give_up("not all frames came back");
  }
  std::printf("%s_gb_per_s=%.2f\n", name, median(rates));
}

int measure_all(const std::string& events, const std::string& folder, double backlog_gb) {
  const std::vector<buffer::FrameBatch> batches = read_batches(events);
  measure_append(folder, batches);
  measure_cpu(folder, batches, 0, "checked");
  measure_cpu(folder, batches, 1, "packed");
  measure_reading(folder, batches, 0, "read");
  measure_reading(folder, batches, 1, "read_packed");
  measure_backlog(batches, folder, backlog_gb);
  return 0;
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel;
  set_log_level(Level::error);
  std::string events;
  std::string folder = ".";
  double backlog_gb = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view word = argv[i];
    if (word == "--events") events = argv[i + 1];
    if (word == "--folder") folder = argv[i + 1];
    if (word == "--backlog-gb") backlog_gb = std::strtod(argv[i + 1], nullptr);
    if (word == "--read-backlog") return bench::read_backlog(argv[i + 1]);
  }
  std::filesystem::create_directories(folder);
  return bench::measure_all(events, folder, backlog_gb);
}
