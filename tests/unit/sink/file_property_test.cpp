// Random batches, faults, rotations and rude neighbours: whatever happens, each line in the files
// is a whole frame, in order and once, and every frame is either there or counted.
#include <map>
#include <random>
#include <set>

#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

namespace fs = std::filesystem;

constexpr int kSteps = 120;

class Simulation : public SinkFixture {
 public:
  explicit Simulation(unsigned seed) : random_(seed) {
    options.path = folder / "logs/audit.log";
    options.line_prefix = chance(3) ? "@cee: " : "";
    options.rotate_size_bytes = chance(2) ? 200 + below(2000) : 0;
    options.rotate_age_s = chance(3) ? 5 + below(20) : 0;
    options.generations = 1000;  // so that nothing is dropped by rotation
    open();
  }

  void run() {
    for (int step = 0; step < kSteps; ++step) {
      if (chance(4)) change_faults();
      if (chance(12)) disturb();
      give_batch();
      if (chance(3)) tick();
      if (chance(25)) sink->reopen();
    }
    clear_faults();
    tick();
    write({frame_text(next_)});
    ++next_;
    tick();
  }

  void check() {
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file()) check_file(entry.path().string());
    }
    const std::uint64_t written = statistics().written.frames.value();
    CHECK(written + statistics().dropped_frames() == next_);
    // Some of the frames lost in a removed file were seen here before it was removed.
    CHECK(seen_.size() <= written);
    CHECK(seen_.size() + statistics().removed.frames.value() >= written);
    CHECK(torn_.size() <= statistics().torn_lines.value());
    CHECK(seen_.contains(next_ - 1));  // it has recovered
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

  // Recognizable when whole: number, filling, number.
  static std::string frame_text(std::uint64_t number) {
    const std::string text = std::to_string(number);
    return text + std::string(number * 7 % 50, '.') + text + "\n";
  }

  void give_batch() {
    buffer::FrameBatch batch;
    for (std::uint64_t count = below(8); count > 0; --count) {
      add_frame(batch, frame_text(next_));
      ++next_;
    }
    CHECK(sink->write(batch) == Answer::acknowledged);
  }

  void clear_faults() {
    storage.space_bytes = FaultyStorage::kUnlimited;
    storage.max_write_bytes = FaultyStorage::kUnlimited;
    storage.write_errors.clear();
    storage.open_error = storage.write_error = storage.truncate_error = storage.rename_error =
        storage.sync_error = storage.read_error = 0;
    storage.rename_error_to.clear();
  }

  void change_faults() {
    clear_faults();
    if (chance(3)) storage.max_write_bytes = 1 + below(40);
    switch (below(9)) {
      case 0:
        storage.space_bytes = below(300);
        storage.full_error = chance(2) ? ENOSPC : EDQUOT;
        break;
      case 1:
        storage.write_errors = {0, EINTR, 0, 0, EIO, ENOSPC};
        break;
      case 2:
        storage.space_bytes = below(100);
        storage.full_error = EIO;
        storage.truncate_error = EIO;
        break;
      case 3:
        storage.rename_error = chance(2) ? EACCES : ENOSPC;
        if (chance(2)) storage.rename_error_to = options.path + (chance(2) ? ".1" : "");
        break;
      case 4:
        storage.open_error = chance(2) ? EMFILE : EACCES;
        break;
      case 5:
        storage.sync_error = EIO;
        break;
      case 6:
        storage.write_error = chance(2) ? EROFS : ESTALE;
        break;
      default:
        break;
    }
  }

  void disturb() {
    std::error_code ignored;
    const std::string away = folder / ("away-" + std::to_string(disturbances_++));
    switch (below(4)) {
      case 0:
        fs::rename(options.path, away, ignored);
        break;
      case 1:
        // What it holds is gone with it, but for what the sink saves.
        if (fs::exists(options.path)) check_file(options.path);
        fs::remove(options.path, ignored);
        break;
      case 2:
        fs::rename(folder / "logs", away, ignored);
        break;
      default:
        write_file(folder / "new", "");
        fs::rename(options.path, away, ignored);
        fs::rename(folder / "new", options.path, ignored);
        break;
    }
  }

  void check_file(const std::string& path) {
    CAPTURE(path);
    const std::string text = read_file(path);
    std::set<std::uint64_t> in_file;
    std::uint64_t last = 0;
    bool is_first = true;
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
      const std::string line = text.substr(begin, end - begin + 1);
      const std::string prefix = options.line_prefix;
      const std::uint64_t found = number_of(line, prefix);
      if (found == kNone) {
        torn_.insert(line);  // each must be accounted for as such
        continue;
      }
      CHECK((is_first || found > last));
      is_first = false;
      last = found;
      CHECK(in_file.insert(found).second);
    }
    // A rotated file has no half line at its end, where nobody would mend it.
    const bool is_rotated = path.find("audit.log.") != path.npos && storage.failed_undos == 0;
    CHECK((!is_rotated || begin == text.size()));
    for (const std::uint64_t number : in_file) seen_.insert(number);
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  // The frame that a line is, or kNone.
  std::uint64_t number_of(const std::string& line, const std::string& prefix) const {
    if (!line.starts_with(prefix)) return kNone;
    const std::string text = line.substr(prefix.size());
    for (std::size_t digits = 1; digits < 7 && digits < text.size(); ++digits) {
      const std::uint64_t number = std::strtoull(text.substr(0, digits).c_str(), nullptr, 10);
      if (frame_text(number) == text) return number;
    }
    return kNone;
  }

  std::mt19937 random_;
  std::uint64_t next_ = 0;
  std::uint64_t disturbances_ = 0;
  std::set<std::string> torn_;
  std::set<std::uint64_t> seen_;
};

TEST_CASE("whatever fails, files hold whole frames in order and the counters add up", "[sink]") {
  std::map<std::string_view, std::uint64_t> met;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Simulation simulation(seed);
    simulation.run();
    simulation.check();
    const FileStatistics& statistics = simulation.statistics();
    met["rotations"] += statistics.rotations.value();
    met["rotation_failures"] += statistics.rotation_failures.value();
    met["displacements"] += statistics.displacements.value();
    met["removed"] += statistics.removed.frames.value();
    met["torn_lines"] += statistics.torn_lines.value();
    met["no_space"] += statistics.drop(DropReason::no_space).frames.value();
    met["io_error"] += statistics.drop(DropReason::io_error).frames.value();
    met["no_file"] += statistics.drop(DropReason::no_file).frames.value();
  }
  // A simulation in which these do not happen proves nothing.
  for (const auto& [what, count] : met) {
    CAPTURE(what);
    CHECK(count > 20);
  }
}

}  // namespace
}  // namespace sorrel::sink
