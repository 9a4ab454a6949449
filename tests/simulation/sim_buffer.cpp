// The buffer over a disk that fails in every way a disk can, against a plain model of what it
// promises. All of a run follows from its seed.
//
//   sim_buffer [--runs N] [--seed N] [--seeds FILE] [--expect-failure TEXT]
//
// Prints what happened, how often each fault, and the seed of a run that failed. --seed N: that run
// alone, told step by step. --seeds FILE: runs that once failed, a seed a row, come first.
// --expect-failure TEXT: exit status 0 when a run failed with a message that has TEXT (a bug was
// put in on purpose).
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/log.h"
#include "run.h"

namespace sorrel::simulation {
namespace {

constexpr unsigned kSteps = 600;
constexpr std::uint64_t kRuns = 2'000;
// What `kRuns` runs must come to, for a pass to mean something.
constexpr std::uint64_t kMinOperations = 1'000'000;
constexpr std::uint64_t kMinCrashes = 20'000;
constexpr std::uint64_t kMinEach = 1'000;

struct Arguments {
  std::uint64_t runs = kRuns;
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::optional<std::string> expected;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view word = argv[i];
    if (i + 1 == argc) return std::nullopt;
    const char* const value = argv[i + 1];
    if (word == "--runs") {
      arguments.runs = std::strtoull(value, nullptr, 10);
    } else if (word == "--seed") {
      arguments.seed = std::strtoull(value, nullptr, 10);
    } else if (word == "--seeds") {
      arguments.seeds = value;
    } else if (word == "--expect-failure") {
      arguments.expected = value;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

// A row: a seed, and why it is there.
std::vector<std::uint64_t> read_seeds(const std::string& path) {
  std::vector<std::uint64_t> seeds;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::uint64_t seed = 0;
    if (std::istringstream(line) >> seed) seeds.push_back(seed);
  }
  return seeds;
}

// What all runs came to.
struct Totals {
  std::uint64_t operations = 0;
  std::uint64_t crashes = 0;
  std::uint64_t calls = 0;
  std::uint64_t frames = 0;
  std::uint64_t gaps = 0;
  std::uint64_t quota_dropped = 0;
  std::array<std::uint64_t, kFaults> faults{};

  void add(const Run& run) {
    operations += run.operations;
    crashes += run.crashes;
    calls += run.storage().calls();
    frames += run.frames;
    gaps += run.gaps;
    quota_dropped += run.quota_dropped();
    for (std::size_t i = 0; i < kFaults; ++i) faults[i] += run.storage().counts()[i];
  }
  void print() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto show = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
    std::printf("%llu operations, %llu frames, %llu calls of the storage, %llu crashes, %ld s\n",
                show(operations), show(frames), show(calls), show(crashes),
                static_cast<long>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec));
    std::printf("%llu gaps, %llu frames taken by quotas\n", show(gaps), show(quota_dropped));
    for (std::size_t i = 0; i < kFaults; ++i) {
      std::printf("  %-16s %llu\n", fault_name(i), show(faults[i]));
    }
  }
  bool are_enough() const {
    for (const std::uint64_t count : faults) {
      if (count < kMinEach) return false;
    }
    return operations >= kMinOperations && crashes >= kMinCrashes && gaps >= kMinEach &&
           quota_dropped >= kMinEach;
  }
};

// The message of a run that failed.
std::optional<std::string> failure_of(std::uint64_t seed, const std::string& key_file, bool is_told,
                                      Totals& totals) {
  Run run(seed, key_file, is_told);
  std::optional<std::string> message;
  try {
    run.play(kSteps);
  } catch (const Broken& broken) {
    message = broken.what;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), broken.what.c_str());
  }
  totals.add(run);
  return message;
}

// 0, or the exit status.
int simulate(const Arguments& arguments, const std::string& key_file) {
  std::vector<std::uint64_t> seeds = read_seeds(arguments.seeds);
  for (std::uint64_t seed = 1; seed <= arguments.runs; ++seed) seeds.push_back(seed);
  if (arguments.seed) seeds = {*arguments.seed};
  Totals totals;
  std::optional<std::string> failure;
  for (const std::uint64_t seed : seeds) {
    failure = failure_of(seed, key_file, arguments.seed.has_value(), totals);
    if (failure) break;
  }
  totals.print();
  if (arguments.expected) {
    const bool is_found = failure && failure->find(*arguments.expected) != std::string::npos;
    std::printf(is_found ? "the bug was found\n" : "FAILED: the bug was not found\n");
    return is_found ? 0 : 1;
  }
  if (failure) {
    std::printf("FAILED\n");
    return 1;
  }
  if (!arguments.seed && arguments.runs >= kRuns && !totals.are_enough()) {
    std::printf("FAILED: too little was tried\n");
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace sorrel::simulation

int main(int argc, char** argv) {
  using namespace sorrel;
  const auto arguments = simulation::parse(argc, argv);
  if (!arguments) {
    std::printf("usage: %s [--runs N] [--seed N] [--seeds FILE] [--expect-failure TEXT]\n",
                argv[0]);
    return 2;
  }
  // One run alone tells what the buffer says.
  if (!arguments->seed) set_log_level(static_cast<Level>(static_cast<int>(Level::error) + 1));
  const std::string key_file =
      (std::filesystem::temp_directory_path() / ("sim-key-" + std::to_string(::getpid()))).string();
  std::ofstream(key_file) << std::string(64, 'a') << '\n';
  ::chmod(key_file.c_str(), 0600);
  const int status = simulation::simulate(*arguments, key_file);
  std::filesystem::remove(key_file);
  return status;
}
