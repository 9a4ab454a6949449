// What asking the host costs: program starts of real processes of this machine, made for the
// purpose and each read from /proc for the first time, through the pipeline and the threads that
// sorreld has for it. CPU times of threads; rounds of what is compared alternate, medians.
//
//   live_bench [--rounds N] [--processes N]
//
// The figures of one process never read before contain what the kernel does to make its entries in
// /proc; that is the price of the first look at a process, whoever looks.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common.h"
#include "pipeline/enrichment.h"
#include "pipeline/pipeline.h"
#include "sorreld/name_resolver.h"
#include "sorreld/process_reader.h"

namespace sorrel::bench {
namespace {

void nap() {
  std::this_thread::sleep_for(std::chrono::microseconds(50));
}

constexpr const char* kProgram = "/bin/sleep";

// Processes that do nothing, and go with it.
class Children {
 public:
  explicit Children(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      // Not fork(): what we write next would then be copied for it, page by page, and measured.
      char* const arguments[] = {const_cast<char*>("sleep"), const_cast<char*>("1000"), nullptr};
      char* const variables[] = {const_cast<char*>("LD_LIBRARY_PATH=/none"), nullptr};
      pid_t child = 0;
      if (::posix_spawn(&child, kProgram, nullptr, nullptr, arguments, variables) != 0)
        give_up("no more processes can be made");
      pids_.push_back(child);
    }
  }
  ~Children() {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  const std::vector<pid_t>& pids() const noexcept { return pids_; }

 private:
  std::vector<pid_t> pids_;
};

// The records of one program start, as the kernel sends them.
class ExecEvent {
 public:
  ExecEvent(std::uint64_t serial, std::uint64_t now_ns, pid_t pid, std::uint32_t uid) {
    const std::string stamp =
        "audit(" + std::to_string(now_ns / kNsPerSecond) + ".000:" + std::to_string(serial) + "): ";
    const std::string id = std::to_string(uid);
    static const std::string exe = std::filesystem::canonical(kProgram).string();
    add(1300, stamp +
                  "arch=c000003e syscall=59 success=yes exit=0 a0=55d0 a1=55d1 a2=55d2 a3=8 "
                  "items=2 ppid=" +
                  std::to_string(::getpid()) + " pid=" + std::to_string(pid) +
                  " auid=4294967295 uid=" + id + " gid=0 euid=" + id +
                  " suid=0 fsuid=0 egid=0 sgid=0 "
                  "fsgid=0 tty=(none) ses=4294967295 comm=\"sleep\" exe=\"" +
                  exe + "\" subj=unconfined key=\"exec\"");
    add(1309, stamp + "argc=3 a0=\"ls\" a1=\"-l\" a2=\"/srv/data\"");
    add(1307, stamp + "cwd=\"/srv\"");
    add(1302, stamp +
                  "item=0 name=\"/usr/bin/ls\" inode=1313 dev=fe:00 mode=0100755 ouid=0 ogid=0 "
                  "rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0");
    add(1302, stamp +
                  "item=1 name=\"/lib64/ld-linux-x86-64.so.2\" inode=1414 dev=fe:00 mode=0100755 "
                  "ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0");
    add(1327, stamp + "proctitle=6C73002D6C002F7372762F64617461");
    add(1320, stamp);
  }
  // Valid while this is.
  input::Batch batch() const {
    input::Batch batch;
    for (const auto& [type, text] : records_) {
      record::Datagram& datagram = batch.emplace_back();
      datagram.type = type;
      datagram.payload = text;
      datagram.received_ns = 1;
    }
    return batch;
  }

 private:
  void add(record::RecordType type, std::string text) {
    records_.emplace_back(type, std::move(text));
  }
  std::vector<std::pair<record::RecordType, std::string>> records_;
};

class CountingSink final : public sink::Sink {
 public:
  sink::Answer write(const buffer::FrameBatch& batch) override {
    frames += batch.frames().size();
    return sink::Answer::acknowledged;
  }
  void tick() override {}
  std::uint64_t frames = 0;
};

// A pipeline, with what asks the host for it: nothing, or the threads.
class Line {
 public:
  Line(const enrich::Options& options, bool is_live, host::NameSource* source = nullptr)
      : knowledge_(options.processes) {
    if (is_live) {
      auto proc = or_exit(host::ProcFs::open("/", host::EnvironmentSelection(options.environment)));
      reader_ =
          or_exit(agent::ProcessReader::create(std::move(proc), options, clock_, nullptr, [] {}));
      reader_->start();
    }
    if (source != nullptr) {
      names_ = or_exit(agent::NameResolver::create(*source, clock_));
      names_->start();
    }
    annotator_ = or_exit(
        agent::make_annotator(options, "/", knowledge_, counters_, {reader_.get(), names_.get()}));
    agent::PipelineOptions made;
    made.node = "bench";
    made.hold.wait_ns = kNsPerSecond;  // nothing is to be late here
    pipeline_ = std::make_unique<agent::Pipeline>(
        made, annotator_.get(), std::vector<agent::Output>{{buffer::Format::json, &sink_}});
  }

  // Returns this thread's CPU for the event, without the time that it waits.
  std::uint64_t process(const ExecEvent& event) {
    const input::Batch batch = event.batch();
    const std::uint64_t before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    pipeline_->set_time(clock_.monotonic_ns(), clock_.realtime_ns());
    pipeline_->process(batch);
    pipeline_->write_out();
    return read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  // Takes the answers in that are there; the same.
  std::uint64_t take_answers() {
    const std::uint64_t before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    pipeline_->take_answers();
    pipeline_->write_out();
    return read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  void tick() { pipeline_->tick(); }
  std::uint64_t frames() const noexcept { return sink_.frames; }
  agent::ProcessKnowledge& knowledge() noexcept { return knowledge_; }
  const agent::Pipeline& pipeline() const noexcept { return *pipeline_; }

 private:
  const SystemClock clock_;
  agent::ProcessKnowledge knowledge_;
  agent::EnrichmentCounters counters_;
  std::unique_ptr<agent::ProcessReader> reader_;
  std::unique_ptr<agent::NameResolver> names_;
  std::unique_ptr<agent::Annotator> annotator_;
  CountingSink sink_;
  std::unique_ptr<agent::Pipeline> pipeline_;
};

std::uint64_t serial = 1;

// The pipeline thread's CPU for an event, in us.
struct Cost {
  double all = 0;
  double answers = 0;  // of it, taking the answers in and letting out what waited
};

// Sends one event a process.
Cost run(Line& line, const std::vector<pid_t>& pids) {
  constexpr std::size_t kAtOnce = 8;  // of the places that questions have
  const SystemClock clock;
  std::uint64_t used_ns = 0;
  std::uint64_t answers_ns = 0;
  const std::uint64_t expected = line.frames() + pids.size();
  const std::uint64_t deadline_ns = read_clock(CLOCK_MONOTONIC) + 20 * kNsPerSecond;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    const ExecEvent event(serial++, clock.realtime_ns(), pids[i], 0);
    used_ns += line.process(event);
    if (i % kAtOnce != 0) continue;
    nap();
    answers_ns += line.take_answers();
  }
  while (line.frames() < expected) {
    if (read_clock(CLOCK_MONOTONIC) > deadline_ns) give_up("not every event came out");
    nap();
    answers_ns += line.take_answers();
  }
  line.tick();
  const double events = static_cast<double>(pids.size()) * 1e3;
  return {.all = static_cast<double>(used_ns + answers_ns) / events,
          .answers = static_cast<double>(answers_ns) / events};
}

void compare_cost(std::size_t rounds, std::size_t processes) {
  enrich::Options all;
  all.container_names = true;
  all.processes.reads_per_second = 1'000'000;
  Line bare(enrich::Options::none(), false);
  Line offline(all, false);
  Line live(all, true);
  std::vector<double> bare_us, offline_us, live_us, beyond_us, answers_us, reader_us;
  for (std::size_t round = 0; round <= rounds; ++round) {
    const Children children(processes);
    const double without = run(bare, children.pids()).all;
    const double names = run(offline, children.pids()).all;
    // The only other thread that does anything is the reader's.
    const auto others_ns = [] {
      return read_clock(CLOCK_PROCESS_CPUTIME_ID) - read_clock(CLOCK_THREAD_CPUTIME_ID);
    };
    const std::uint64_t before = others_ns();
    const auto [with, answers] = run(live, children.pids());
    const double read = static_cast<double>(others_ns() - before) / 1e3;
    if (round == 0) continue;  // warm-up
    bare_us.push_back(without);
    offline_us.push_back(names);
    live_us.push_back(with);
    beyond_us.push_back(with - without);
    answers_us.push_back(answers);
    reader_us.push_back(read / static_cast<double>(processes));
  }
  const agent::HoldCounters& hold = live.pipeline().hold_counters();
  std::printf(
      "exec_event bare_us=%.2f table_us=%.2f live_us=%.2f (answers %.2f) beyond_us=%.2f "
      "least_beyond_us=%.2f\n",
      median(bare_us), median(offline_us), median(live_us), median(answers_us), median(beyond_us),
      quantile(beyond_us, 0));
  std::printf("new_process reader_us=%.1f least_us=%.1f most_us=%.1f\n", median(reader_us),
              quantile(reader_us, 0), quantile(reader_us, 1));
  std::printf("events waited=%llu answered=%llu\n",
              static_cast<unsigned long long>(hold.held.value()),
              static_cast<unsigned long long>(hold.answered.value()));
}

// A service that takes `delay` for each name, or answers at once that there is none.
class Names final : public host::NameSource {
 public:
  explicit Names(std::chrono::milliseconds delay) : delay_(delay) {}
  host::NameState user_name(std::uint32_t, std::string&) override { return answer(); }
  host::NameState group_name(std::uint32_t, std::string&) override { return answer(); }
  host::NameState groups_of(std::uint32_t, std::vector<std::uint32_t>&) override {
    return answer();
  }

 private:
  host::NameState answer() const {
    std::this_thread::sleep_for(delay_);
    return host::NameState::absent;
  }
  const std::chrono::milliseconds delay_;
};

// The time from an event's last record to its line, each event with a user of its own whom no file
// has, by turns with a service that sleeps and one that answers.
void compare_names(std::size_t rounds) {
  constexpr std::size_t kEvents = 400;
  enrich::Options options;
  Names slow_source(std::chrono::milliseconds(200));
  Names quick_source(std::chrono::milliseconds(0));
  Line slow(options, false, &slow_source);
  Line quick(options, false, &quick_source);
  const SystemClock clock;
  std::uint32_t uid = 1'000'000;
  const auto p99 = [&](Line& line) {
    std::vector<double> delays_us;
    for (std::size_t i = 0; i < kEvents; ++i) {
      const ExecEvent event(serial++, clock.realtime_ns(), ::getpid(), ++uid);
      const std::uint64_t before = read_clock(CLOCK_MONOTONIC);
      line.process(event);
      delays_us.push_back(static_cast<double>(read_clock(CLOCK_MONOTONIC) - before) / 1e3);
    }
    return quantile(delays_us, 0.99);
  };
  std::vector<double> ratios, slow_us, quick_us;
  for (std::size_t round = 0; round < rounds; ++round) {
    quick_us.push_back(p99(quick));
    slow_us.push_back(p99(slow));
    ratios.push_back(slow_us.back() / quick_us.back());
  }
  if (slow.frames() != quick.frames() || slow.frames() != rounds * kEvents)
    give_up("events missing");
  std::printf("slow_names p99_us=%.0f quick_p99_us=%.0f p99_ratio=%.2f\n", median(slow_us),
              median(quick_us), median(ratios));
}

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// The table of as many processes as it may have, each of a program with a name of its own in a
// hundred, beside what this program has without.
void measure_memory() {
  const double before = resident_mib();
  Line line(enrich::Options{}, true);
  constexpr std::uint32_t kProcesses = 100'000;
  for (std::uint32_t pid = 2; pid < kProcesses + 2; ++pid) {
    const std::string name = "program-" + std::to_string(pid / 100);
    const std::string path = "/usr/lib/some/folder/" + name;
    enrich::ProcProcess process{.pid = pid, .ppid = 1, .start_ticks = pid, .start_ms = 1000 * pid};
    process.comm = name;
    process.exe = path;
    const enrich::Process* const made = line.knowledge().table.add_from_proc(process);
    enrich::ProcessFacts facts;
    facts.unit = "unit-" + std::to_string(pid / 100) + ".service";
    line.knowledge().table.set_facts({pid, made->id}, facts);
  }
  std::printf("table processes=%u mib=%.1f\n", line.knowledge().table.size(),
              resident_mib() - before);
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel::bench;
  std::size_t rounds = 15;
  std::size_t processes = 128;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto value = static_cast<std::size_t>(std::max(std::atol(argv[i + 1]), 1L));
    if (name == "--rounds") rounds = std::max<std::size_t>(value, 7);
    if (name == "--processes") processes = value;
  }
  measure_memory();
  compare_cost(rounds, processes);
  compare_names(rounds);
  return 0;
}
