// What the daemon's two working threads cost a record, against the least that a program can do with
// the same records: a bare loop of recvmmsg(64) that checks the sender. Both read the same socket,
// which a stand-in for the kernel has filled; rounds of the two alternate, and each figure is the
// median of CPU times, so that a busy machine disturbs both alike. Every record must come out.
//
//   netlink_bench [--rounds N] [--records N] [--seconds S] [--enrich 0|1]
//
// --enrich 0: nothing is added to the events; otherwise what the default configuration adds.
// Afterwards: records at a steady pace, for the delay from the last record of an event to the
// write of its line, and the share of a core.

#include <linux/netlink.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "common.h"
#include "config/options.h"
#include "input/kernel_source.h"
#include "netlink/event_socket.h"
#include "netlink/netlink_socket.h"
#include "pipeline/enrichment.h"
#include "pipeline/pipeline.h"
#include "sink/file_sink.h"
#include "sorreld/intake.h"
#include "sorreld/pipeline_thread.h"
#include "stand_in_kernel.h"

namespace sorrel::bench {
namespace {

constexpr std::uint32_t kReceiveBuffer = 48u << 20;  // the kernel doubles it; about 900 B a record

struct Arguments {
  std::size_t rounds = 21;
  std::uint64_t records = 40'000;
  double seconds = 2;
  bool enriches = true;
};

// A file sink's real way to write, with /dev/null for a disk.
class NullStorage final : public sink::Storage {
 public:
  int open(const std::string&, int, std::uint32_t) override {
    return system_.open("/dev/null", 1 /* O_WRONLY */, 0);
  }
  std::int64_t write(int fd, std::span<const iovec> parts) override {
    const std::int64_t written = system_.write(fd, parts);
    if (written > 0) size_bytes_ += static_cast<std::uint64_t>(written);
    return written;
  }
  std::int64_t read_at(int, std::span<char>, std::uint64_t) override { return 0; }
  int truncate(int, std::uint64_t) override { return 0; }
  int sync_data(int) override { return 0; }
  int wait_writable(int) override { return 0; }
  int status(int, sink::FileStatus& status) override { return a_file(status); }
  int status(const std::string&, sink::FileStatus& status) override { return a_file(status); }
  int set_permissions(int, const sink::Permissions&) override { return 0; }
  int rename(const std::string&, const std::string&) override { return 0; }
  int rename_new(const std::string&, const std::string&) override { return 0; }
  int remove(const std::string&) override { return 0; }
  int make_folder(const std::string&, const sink::Permissions&) override { return 0; }

 private:
  int a_file(sink::FileStatus& status) const {
    status = {};
    status.links = 1;
    status.mode = 0100600;
    status.size_bytes = size_bytes_;
    return 0;
  }
  sink::SystemStorage system_;
  std::uint64_t size_bytes_ = 0;
};

// Passes batches on, and notes when each event's line was written. Events come out in the order in
// which they were sent.
class TimedSink final : public sink::Sink {
 public:
  TimedSink(sink::Sink& inner, std::uint64_t max_events) : inner_(inner), written_ns_(max_events) {}

  sink::Answer write(const buffer::FrameBatch& batch) override {
    const sink::Answer answer = inner_.write(batch);
    const std::uint64_t now_ns = read_clock(CLOCK_MONOTONIC);
    for (std::size_t i = 0; i < batch.frames().size() && count_ < written_ns_.size(); ++i) {
      written_ns_[count_++] = now_ns;
    }
    return answer;
  }
  void tick() override { inner_.tick(); }
  std::uint64_t written_ns(std::size_t event) const { return written_ns_[event]; }
  std::uint64_t count() const noexcept { return count_; }
  void restart() noexcept { count_ = 0; }

 private:
  sink::Sink& inner_;
  std::vector<std::uint64_t> written_ns_;
  std::uint64_t count_ = 0;
};

// Lets the daemon's intake see its socket only while it is open.
class GatedSource final : public input::Source {
 public:
  explicit GatedSource(input::Source& inner) : inner_(inner) {}

  Result<input::ReadState> read(input::Batch& batch) override {
    if (is_open_.load()) return inner_.read(batch);
    batch.clear();
    return input::ReadState::idle;
  }
  int wait_fd() const noexcept override { return is_open_.load() ? inner_.wait_fd() : -1; }
  void open(bool open) noexcept { is_open_.store(open); }

 private:
  input::Source& inner_;
  std::atomic<bool> is_open_{false};
};

// The daemon's intake and pipeline threads, as the daemon makes them.
class DaemonThreads {
 public:
  DaemonThreads(std::unique_ptr<netlink::NetlinkSocket> socket, std::uint32_t port, bool enriches)
      : enrich_(enriches ? enrich::Options{} : enrich::Options::none()),
        events_(std::move(socket), port),
        kernel_(events_, clock_, nullptr),
        source_(kernel_),
        file_(or_exit(sink::FileSink::create(file_options(), storage_, clock_))),
        sink_(*file_, 1'000'000),
        annotator_(or_exit(agent::make_annotator(enrich_, "/", knowledge_, enrichment_))),
        pipeline_(pipeline_options(), annotator_.get(), {{buffer::Format::json, &sink_}}),
        channel_(or_exit(agent::Channel::create(options_.input.ring_bytes))),
        intake_(source_, *channel_, clock_, intake_options()),
        worker_(pipeline_, *channel_, clock_, nullptr, hooks()) {
    pipeline_runner_ = std::thread([this] { worker_.run(); });
    intake_runner_ = std::thread([this] { intake_.run(); });
    ::pthread_setname_np(pipeline_runner_.native_handle(), "pipeline");
    ::pthread_setname_np(intake_runner_.native_handle(), "intake");
    ::pthread_getcpuclockid(pipeline_runner_.native_handle(), &clocks_[0]);
    ::pthread_getcpuclockid(intake_runner_.native_handle(), &clocks_[1]);
  }
  ~DaemonThreads() {
    intake_.stop();
    intake_runner_.join();
    worker_.finish();
    pipeline_runner_.join();
  }

  void open_gate(bool open) {
    source_.open(open);
    intake_.drain(10'000);  // wakes it, and returns when it has looked
  }
  std::uint64_t records() const { return pipeline_.assembler_counters().records.value(); }
  std::uint64_t lines() const { return file_->statistics().written.frames.value(); }
  std::uint64_t cpu_ns(std::size_t thread) const { return read_clock(clocks_[thread]); }
  std::uint64_t cpu_ns() const { return cpu_ns(0) + cpu_ns(1); }
  std::uint64_t lost() const {
    std::uint64_t sum = intake_.counters().dropped.value();
    for (const Counter& cause : pipeline_.counters().lost) sum += cause.value();
    return sum;
  }
  std::uint64_t naps() const { return intake_.counters().naps.value(); }
  TimedSink& sink() noexcept { return sink_; }
  // Waits until `records` have come through and their lines are out; false after ten seconds.
  bool wait_for(std::uint64_t records, std::uint64_t lines_wanted) const {
    const std::uint64_t deadline_ns = read_clock(CLOCK_MONOTONIC) + 10 * kNsPerSecond;
    while (this->records() < records || lines() < lines_wanted) {
      if (read_clock(CLOCK_MONOTONIC) > deadline_ns) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

 private:
  agent::PipelineOptions pipeline_options() const {
    agent::PipelineOptions made;
    made.node = "bench";
    made.host_id = "0123456789abcdef0123456789abcdef";
    made.boot_id = "01234567-89ab-cdef-0123-456789abcdef";
    made.judge_holes = true;
    return made;
  }
  agent::IntakeOptions intake_options() {
    agent::IntakeOptions made;
    made.must_drop = [this] {
      const auto memory = events_.memory();
      return !memory || memory->used_bytes >= memory->limit_bytes / 4 * 3;
    };
    made.queue_bytes = 2 * kReceiveBuffer;
    return made;
  }
  static sink::FileOptions file_options() {
    sink::FileOptions made;
    made.path = "/events.json";
    return made;
  }
  static agent::PipelineHooks hooks() {
    return {
        .tick = [](agent::Pipeline&, std::uint64_t) {}, .input_ended = [] {}, .sink_failed = [] {}};
  }

  const config::Options options_;  // the defaults
  const enrich::Options enrich_;
  const SystemClock clock_;
  netlink::EventSocket events_;
  input::KernelSource kernel_;
  GatedSource source_;
  NullStorage storage_;
  std::unique_ptr<sink::FileSink> file_;
  TimedSink sink_;
  agent::ProcessKnowledge knowledge_{enrich_.processes};
  agent::EnrichmentCounters enrichment_;
  std::unique_ptr<agent::Annotator> annotator_;
  agent::Pipeline pipeline_;
  std::unique_ptr<agent::Channel> channel_;
  agent::Intake intake_;
  agent::PipelineThread worker_;
  std::thread pipeline_runner_;
  std::thread intake_runner_;
  std::array<clockid_t, 2> clocks_{};
};

// The least: reads until `records` have come, and looks at each sender. Returns this thread's CPU.
class BareLoop {
 public:
  BareLoop(int fd, std::uint32_t port) : fd_(fd), port_(port) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {.iov_base = slots_.data() + i * kSlot, .iov_len = kSlot};
      msghdr& header = headers_[i].msg_hdr;
      header.msg_name = &senders_[i];
      header.msg_namelen = sizeof senders_[i];
      header.msg_iov = &parts_[i];
      header.msg_iovlen = 1;
    }
  }

  std::uint64_t run(std::uint64_t records) {
    const std::uint64_t before = read_clock(CLOCK_THREAD_CPUTIME_ID);
    std::uint64_t taken = 0;
    while (taken < records) {
      const int count = ::recvmmsg(fd_, headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
      if (count <= 0) break;
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        if (senders_[i].nl_pid == port_) ++taken;
        headers_[i].msg_hdr.msg_namelen = sizeof senders_[i];
      }
    }
    const std::uint64_t used = read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
    if (taken != records) give_up("the bare loop got " + std::to_string(taken) + " records");
    return used;
  }

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kSlot = 9'000;

  int fd_;
  std::uint32_t port_;
  std::vector<char> slots_ = std::vector<char>(kBatch * kSlot);
  std::array<mmsghdr, kBatch> headers_{};
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_nl, kBatch> senders_{};
};

// Fills the socket; returns the records sent.
std::uint64_t fill(StandInKernel& kernel, std::uint64_t records) {
  const std::uint64_t before = kernel.records_sent();
  while (kernel.records_sent() - before < records) {
    if (!kernel.send_event()) {
      give_up("the socket does not take " + std::to_string(records) +
              " records; run as root, or with --records N");
    }
  }
  return kernel.records_sent() - before;
}

void compare(StandInKernel& kernel, BareLoop& bare, DaemonThreads& daemon,
             const Arguments& arguments) {
  std::vector<double> bare_ns;
  std::vector<double> daemon_ns;
  std::vector<double> pipeline_ns;
  std::vector<double> ratios;
  std::uint64_t expected_records = 0;
  std::uint64_t expected_lines = 0;
  for (std::size_t round = 0; round <= arguments.rounds; ++round) {
    const std::uint64_t first_event = kernel.events_sent();
    const std::uint64_t bare_records = fill(kernel, arguments.records);
    const double bare_cost =
        static_cast<double>(bare.run(bare_records)) / static_cast<double>(bare_records);
    kernel.rewind(kernel.events_sent() - first_event);

    const std::uint64_t records = fill(kernel, arguments.records);
    expected_records += records;
    expected_lines += kernel.events_sent() - first_event;
    const std::uint64_t before = daemon.cpu_ns();
    const std::uint64_t pipeline_before = daemon.cpu_ns(0);
    daemon.open_gate(true);
    if (!daemon.wait_for(expected_records, expected_lines)) {
      give_up(std::to_string(expected_records) + " records were sent, " +
              std::to_string(daemon.records()) + " came in, as " + std::to_string(daemon.lines()) +
              " of " + std::to_string(expected_lines) + " lines");
    }
    const double cost =
        static_cast<double>(daemon.cpu_ns() - before) / static_cast<double>(records);
    const double pipeline_cost =
        static_cast<double>(daemon.cpu_ns(0) - pipeline_before) / static_cast<double>(records);
    daemon.open_gate(false);
    if (round == 0) continue;  // warm-up
    bare_ns.push_back(bare_cost);
    daemon_ns.push_back(cost);
    pipeline_ns.push_back(pipeline_cost);
    ratios.push_back(cost / bare_cost);
  }
  std::printf("bare ns_per_record=%.0f\n", median(bare_ns));
  std::printf("daemon ns_per_record=%.0f (of them the pipeline's thread %.0f)\n", median(daemon_ns),
              median(pipeline_ns));
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf(
      "ratio=%.2f (median of %zu rounds of %llu records; %.2f to %.2f); all %llu records "
      "came out, as %llu lines\n",
      median(ratios), ratios.size(), static_cast<unsigned long long>(arguments.records), *least,
      *most, static_cast<unsigned long long>(daemon.records()),
      static_cast<unsigned long long>(daemon.lines()));
}

// Sends whole events, evenly spaced, for `seconds`, and looks at what they cost and how long they
// took.
void pace(StandInKernel& kernel, DaemonThreads& daemon, double records_per_second, double seconds) {
  const double events_per_second = records_per_second / kernel.records_per_event();
  const auto events = static_cast<std::size_t>(events_per_second * seconds);
  std::vector<std::uint64_t> sent_ns(events);
  daemon.sink().restart();
  const std::uint64_t lines_before = daemon.lines();
  const std::uint64_t records_before = daemon.records();
  const std::uint64_t first_record = kernel.records_sent();
  const std::uint64_t naps_before = daemon.naps();
  const std::uint64_t cpu_before = daemon.cpu_ns();
  const std::uint64_t start_ns = read_clock(CLOCK_MONOTONIC);
  for (std::size_t i = 0; i < events; ++i) {
    const auto due_ns =
        start_ns + static_cast<std::uint64_t>(static_cast<double>(i) * 1e9 / events_per_second);
    timespec due{};
    due.tv_sec = static_cast<time_t>(due_ns / kNsPerSecond);
    due.tv_nsec = static_cast<long>(due_ns % kNsPerSecond);
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, nullptr);
    if (!kernel.send_event()) give_up("the socket was full at a steady pace");
    sent_ns[i] = kernel.last_send_ns();
  }
  const std::uint64_t wall_ns = read_clock(CLOCK_MONOTONIC) - start_ns;
  const std::uint64_t records = kernel.records_sent() - first_record;
  if (!daemon.wait_for(records_before + records, lines_before + events)) {
    give_up("not every record came out at a steady pace");
  }
  const double cpu_ns = static_cast<double>(daemon.cpu_ns() - cpu_before);
  std::vector<double> delay_us(events);
  for (std::size_t i = 0; i < events; ++i) {
    delay_us[i] =
        (static_cast<double>(daemon.sink().written_ns(i)) - static_cast<double>(sent_ns[i])) / 1e3;
  }
  std::sort(delay_us.begin(), delay_us.end());
  std::printf("pace_%.0f cpu_percent=%.2f cpu_ns=%.0f p50_us=%.0f p99_us=%.0f naps=%llu\n",
              records_per_second, 100 * cpu_ns / static_cast<double>(wall_ns),
              cpu_ns / static_cast<double>(records), delay_us[events / 2],
              delay_us[events * 99 / 100],
              static_cast<unsigned long long>(daemon.naps() - naps_before));
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const double value = std::atof(argv[i + 1]);
    if (name == "--rounds") arguments.rounds = static_cast<std::size_t>(std::max(value, 7.0));
    if (name == "--records") arguments.records = static_cast<std::uint64_t>(value);
    if (name == "--seconds") arguments.seconds = value;
    if (name == "--enrich") arguments.enriches = value != 0;
  }
  return arguments;
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel;
  using namespace sorrel::bench;
  const Arguments arguments = parse(argc, argv);
  StandInKernel kernel(SORREL_TEST_DIR "/golden/recordings/everyday-raw.audrec.xz");
  Fd receiver = kernel.take_receiver();
  const int fd = receiver.get();
  auto socket = or_exit(
      netlink::NetlinkSocket::adopt(std::move(receiver), {.receive_buffer_bytes = kReceiveBuffer}));
  std::printf("records of program starts: %.1f an event, %.0f bytes each with their header\n",
              kernel.records_per_event(), kernel.mean_record_bytes());
  BareLoop bare(fd, kernel.port());
  DaemonThreads daemon(std::move(socket), kernel.port(), arguments.enriches);
  compare(kernel, bare, daemon, arguments);
  daemon.open_gate(true);
  for (const double rate : {1'000.0, 10'000.0, 50'000.0}) {
    if (arguments.seconds > 0) pace(kernel, daemon, rate, arguments.seconds);
  }
  std::printf("lost=%llu\n", static_cast<unsigned long long>(daemon.lost()));
  return daemon.lost() == 0 ? 0 : 1;
}
