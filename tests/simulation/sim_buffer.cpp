// The buffer over a disk that fails in every way a disk can, against a plain model of what it
// promises. All of a run follows from its seed.
//
//   sim_buffer [--runs N] [--seed N] [--expect-failure]
//
// Prints what happened, how often each fault, and the seed of a run that failed. --seed N: that run
// alone. --expect-failure: exit status 0 when a run failed (a bug was put in on purpose).
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "buffer/buffer.h"
#include "simulated_storage.h"

namespace sorrel::simulation {
namespace {

using buffer::Buffer;
using buffer::Lane;
using buffer::Reader;

constexpr unsigned kOutputs = 3;
constexpr Lane kLane = Lane::security;

unsigned long long show(std::uint64_t number) {
  return number;
}

struct Broken {
  std::string what;
};

void require(bool is_true, const std::string& what) {
  if (!is_true) throw Broken{what};
}

// What an output has got, as the model has it.
struct Received {
  std::set<std::uint64_t> frames;
  std::uint64_t last = 0;                 // since it began, or went back
  std::vector<std::uint64_t> unanswered;  // given, and not acknowledged
};

class Run {
 public:
  // `is_told`: what happens is printed.
  Run(std::uint64_t seed, const std::string& key_file, bool is_told)
      : random_(seed), storage_(seed ^ 0x5eed), is_told_(is_told) {
    options_.path = "/b";
    options_.segment_bytes = 1'000 + below(6'000);
    options_.commit_bytes = 200 + below(1'000);
    options_.memory_bytes = 3'000 + below(9'000);
    options_.compression = static_cast<std::uint32_t>(below(2));
    options_.max_share_percent = 0;
    options_.min_free_bytes = 0;
    options_.max_bytes = 0;
    if (below(4) == 0) options_.key_file = key_file;
    const buffer::Sync sync = below(3) == 0 ? buffer::Sync::interval : buffer::Sync::always;
    for (auto& lane : options_.lanes) lane.sync = sync;
    options_.sync_interval_ms = 100;
    for (unsigned i = 0; i < kOutputs; ++i) {
      outputs_.push_back({.name = "o" + std::to_string(i),
                          .bit = std::uint64_t{1} << i,
                          .is_required = true,
                          .from_oldest = true});
    }
    one_in_ = below(2) == 0 ? 0 : 20 + static_cast<unsigned>(below(200));
  }

  void play(unsigned steps) {
    reopen();
    for (unsigned i = 0; i < steps; ++i) {
      ++operations;
      try {
        step();
      } catch (const Crashed&) {
        recover();
      }
      require(storage_.reused_nonce().empty(), storage_.reused_nonce());
      note_drops();
    }
    settle();
  }

  std::uint64_t operations = 0;
  std::uint64_t crashes = 0;
  std::uint64_t frames = 0;
  const SimulatedStorage& storage() const { return storage_; }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  void step() {
    switch (below(10)) {
      case 0:
      case 1:
      case 2:
        return append();
      case 3:
      case 4:
        clock_.advance_ms(below(1'500));
        buffer_->run_once();
        return note_promise();
      case 5:
      case 6:
        static_cast<void>(read(static_cast<unsigned>(below(kOutputs)), 200 + below(2'000)));
        return;
      case 7:
        return acknowledge(static_cast<unsigned>(below(kOutputs)));
      case 8:
        if (below(4) == 0) return rewind(static_cast<unsigned>(below(kOutputs)));
        if (below(6) == 0) return close_in_order();
        return append();
      default:
        if (below(5) == 0) storage_.crash_after(1 + below(40));
        if (below(8) == 0) throw Crashed{};  // between two calls
        return;
    }
  }

  void append() {
    buffer::FrameBatch batch;
    const std::uint64_t first = buffer_->status(kLane).end;
    const unsigned count = 1 + static_cast<unsigned>(below(6));
    for (unsigned i = 0; i < count; ++i) {
      std::string text = "frame " + std::to_string(++frames) + ' ' +
                         std::string(below(300), static_cast<char>('a' + below(26)));
      buffer::FrameHeader header;
      header.size_bytes = static_cast<std::uint32_t>(text.size());
      header.lane = kLane;
      header.outputs = 1 + below(7);
      std::memcpy(batch.reserve(text.size()), text.data(), text.size());
      batch.append_frame(header);
      model_[first + i] = {std::move(text), header.outputs};
    }
    buffer_->append(batch);
    require(buffer_->status(kLane).end == first + count, "sequences are dense");
  }

  // A disk that takes nothing for long makes the memory forget, which is counted.
  void note_drops() { has_dropped_ = has_dropped_ || buffer_->status(kLane).dropped_frames != 0; }

  void note_promise() {
    const std::uint64_t now = buffer_->durable_end(kLane);
    require(now <= buffer_->status(kLane).end, "more is durable than there is");
    promised_ = std::max(promised_, now);
    if (is_told_)
      std::printf("run: end %llu durable %llu\n", show(buffer_->status(kLane).end), show(now));
  }

  // Frames, or a gap, or nothing.
  bool read(unsigned output, std::size_t max_bytes) {
    Reader& reader = buffer_->reader(output, kLane);
    Received& received = received_[output];
    buffer::FrameBatch batch;
    buffer::Gap gap;
    Reader::Got got = reader.read(max_bytes, batch, gap);
    while (got == Reader::Got::behind) {
      const std::uint64_t sequence = reader.next();
      auto loaded = reader.load(sequence);
      if (loaded.must_retry) return false;
      reader.set_loaded(sequence, std::move(loaded.block));
      got = reader.read(max_bytes, batch, gap);
    }
    if (got == Reader::Got::gap && is_told_) {
      std::printf("gap of output %u: %llu to %llu\n", output, show(gap.first), show(gap.last));
    }
    if (got == Reader::Got::gap) {
      for (std::uint64_t sequence = gap.first; sequence <= gap.last; ++sequence) {
        const bool is_kept = !has_dropped_ && sequence < promised_ && model_.contains(sequence) &&
                             !unsure_.contains(sequence);
        require(!is_kept, "frame " + std::to_string(sequence) +
                              " was reported durable, and is now a gap of output " +
                              std::to_string(output));
        model_.erase(sequence);
        received.unanswered.push_back(sequence);
      }
      return true;
    }
    std::size_t offset = 0;
    for (const buffer::FrameHeader& frame : batch.frames()) {
      const std::string_view text = batch.bytes().substr(offset, frame.size_bytes);
      offset += frame.size_bytes;
      const auto known = model_.find(frame.sequence);
      require(known != model_.end() && known->second.text == text,
              "frame " + std::to_string(frame.sequence) + " is not what was appended");
      require((known->second.outputs & outputs_[output].bit) != 0, "a frame of another output");
      require(frame.sequence > received.last, "frames are out of order");
      received.last = frame.sequence;
      received.frames.insert(frame.sequence);
      received.unanswered.push_back(frame.sequence);
    }
    return got == Reader::Got::frames;
  }

  void acknowledge(unsigned output) {
    Received& received = received_[output];
    std::vector<std::uint64_t> rest;
    for (const std::uint64_t sequence : received.unanswered) {
      if (below(8) == 0) {
        rest.push_back(sequence);
      } else {
        buffer_->reader(output, kLane).acknowledge(sequence, sequence);
      }
    }
    received.unanswered = std::move(rest);
  }

  void rewind(unsigned output) {
    buffer_->reader(output, kLane).rewind();
    received_[output].last = 0;
    received_[output].unanswered.clear();
  }

  void close_in_order() {
    buffer_->close();
    note_drops();
    storage_.crash_after(0);
    buffer_.reset();
    if (below(3) == 0) storage_.crash_after(1 + below(60));
    reopen();
  }

  void recover() {
    if (is_told_)
      std::printf("crash: end %llu promised %llu\n", show(buffer_->status(kLane).end),
                  show(promised_));
    storage_.die();
    buffer_.reset();
    storage_.crash();
    ++crashes;
    if (below(3) == 0) storage_.crash_after(1 + below(60));
    reopen();
  }

  void reopen() {
    for (;;) {
      try {
        // Faults may keep it from opening, but not for ever.
        storage_.set_fault_rate(below(4) == 0 ? one_in_ : 0);
        storage_.set_has_room(true);
        auto opened = Buffer::open(storage_, clock_, options_, outputs_);
        if (!opened) continue;
        buffer_ = *std::move(opened);
        break;
      } catch (const Crashed&) {
        storage_.crash();
        ++crashes;
      }
    }
    storage_.set_fault_rate(one_in_);
    storage_.set_has_room(false);
    if (is_told_) {
      std::printf("open: end %llu durable %llu segments", show(buffer_->status(kLane).end),
                  show(buffer_->durable_end(kLane)));
      for (unsigned i = 0; i < kOutputs; ++i)
        std::printf(" acked %llu", show(buffer_->reader(i, kLane).acked()));
      std::vector<std::string> names;
      storage_.list("/b/security", names);
      if (names.size() > 8) names.erase(names.begin(), names.end() - 8);
      for (const std::string& name : names) std::printf(" %s", name.c_str());
      std::printf("\n");
    }
    const std::uint64_t end = buffer_->status(kLane).end;
    require(end >= promised_, "the log ends at " + std::to_string(end) + ", before frame " +
                                  std::to_string(promised_ - 1) + ", which was reported durable");
    // What was not durable may have gone, and its sequences come again, unless an output had
    // answered for later ones.
    for (std::uint64_t sequence = promised_; sequence < end; ++sequence) unsure_.insert(sequence);
    model_.erase(model_.lower_bound(end), model_.end());
    for (unsigned i = 0; i < kOutputs; ++i) {
      Received& received = received_[i];
      received.frames.erase(received.frames.lower_bound(end), received.frames.end());
      received.last = 0;
      received.unanswered.clear();
    }
  }

  // No more faults: everything that is left must come to everybody who wants it.
  void settle() {
    storage_.set_fault_rate(0);
    storage_.crash_after(0);
    clock_.advance_ms(5'000);
    buffer_->run_once();
    for (unsigned output = 0; output < kOutputs; ++output) {
      rewind(output);
      while (read(output, 10'000)) {
      }
      for (const auto& [sequence, frame] : model_) {
        if ((frame.outputs & outputs_[output].bit) == 0) continue;
        require(received_[output].frames.contains(sequence), "frame " + std::to_string(sequence) +
                                                                 " never came to output " +
                                                                 std::to_string(output));
      }
    }
  }

  struct Frame {
    std::string text;
    std::uint64_t outputs = 0;
  };

  std::mt19937_64 random_;
  SimulatedStorage storage_;
  ManualClock clock_;
  buffer::Options options_;
  std::vector<buffer::OutputInfo> outputs_;
  unsigned one_in_ = 0;
  const bool is_told_;
  std::unique_ptr<Buffer> buffer_;
  std::map<std::uint64_t, Frame> model_;  // by sequence; what may be lost is taken out when it is
  std::array<Received, kOutputs> received_;
  bool has_dropped_ = false;
  std::set<std::uint64_t> unsure_;  // not durable when a crash came
  std::uint64_t promised_ = 1;      // all below were reported durable
};

struct Arguments {
  std::uint64_t runs = 2'000;
  std::optional<std::uint64_t> seed;
  bool expects_failure = false;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--expect-failure") arguments.expects_failure = true;
    if (word == "--runs" && i + 1 < argc) arguments.runs = std::strtoull(argv[++i], nullptr, 10);
    if (word == "--seed" && i + 1 < argc) arguments.seed = std::strtoull(argv[++i], nullptr, 10);
  }
  return arguments;
}

int simulate(const Arguments& arguments) {
  constexpr unsigned kSteps = 600;
  // One run alone tells what the buffer says.
  if (!arguments.seed) set_log_level(static_cast<Level>(static_cast<int>(Level::error) + 1));
  const std::string key_file =
      (std::filesystem::temp_directory_path() / ("sim-key-" + std::to_string(::getpid()))).string();
  std::ofstream(key_file) << std::string(64, 'a') << '\n';
  ::chmod(key_file.c_str(), 0600);
  std::uint64_t operations = 0;
  std::uint64_t crashes = 0;
  std::uint64_t calls = 0;
  std::array<std::uint64_t, kFaults> faults{};
  int failures = 0;
  const std::uint64_t first = arguments.seed.value_or(1);
  const std::uint64_t last = arguments.seed ? first : arguments.runs;
  for (std::uint64_t seed = first; seed <= last && failures == 0; ++seed) {
    Run run(seed, key_file, arguments.seed.has_value());
    try {
      run.play(kSteps);
    } catch (const Broken& broken) {
      ++failures;
      std::printf("FAILED: seed %llu: %s\n", static_cast<unsigned long long>(seed),
                  broken.what.c_str());
    }
    operations += run.operations;
    crashes += run.crashes;
    calls += run.storage().calls();
    for (std::size_t i = 0; i < kFaults; ++i) faults[i] += run.storage().counts()[i];
  }
  std::filesystem::remove(key_file);
  std::printf("%llu operations, %llu calls of the storage, %llu crashes\n",
              static_cast<unsigned long long>(operations), static_cast<unsigned long long>(calls),
              static_cast<unsigned long long>(crashes));
  bool is_enough = true;
  for (std::size_t i = 0; i < kFaults; ++i) {
    std::printf("  %-16s %llu\n", fault_name(i), static_cast<unsigned long long>(faults[i]));
    is_enough = is_enough && faults[i] >= 1'000;
  }
  if (arguments.expects_failure) {
    std::printf(failures != 0 ? "the bug was found\n" : "FAILED: the bug was not found\n");
    return failures != 0 ? 0 : 1;
  }
  if (failures == 0 && !arguments.seed && arguments.runs >= 2'000) {
    if (operations < 1'000'000 || crashes < 20'000 || !is_enough) {
      std::printf("FAILED: too little was tried\n");
      return 1;
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sorrel::simulation

int main(int argc, char** argv) {
  return sorrel::simulation::simulate(sorrel::simulation::parse(argc, argv));
}
