// What a record costs the daemon beyond reading it: all its threads together, against a bare
// recvmmsg(64) loop with the sender check, over the same records, in the same run. The kernel is
// played by a NETLINK_USERSOCK socket of this process; each round queues all records first and then
// drains them, so that only the reading side is measured (CPU time of its threads).

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "input/kernel_source.h"
#include "input/open_source.h"
#include "netlink/event_socket.h"
#include "netlink/netlink_socket.h"
#include "pipeline/pipeline.h"
#include "record/stamp.h"
#include "sorreld/channel.h"
#include "sorreld/intake.h"
#include "sorreld/pipeline_thread.h"

namespace sorrel::bench {
namespace {

constexpr std::size_t kRecords = 20'000;
constexpr int kRounds = 9;
constexpr std::uint32_t kBufferBytes = 128u << 20;

[[noreturn]] void stop(const std::string& why, int status) {
  std::fprintf(stderr, "netlink_bench: %s\n", why.c_str());
  std::exit(status);
}

std::uint64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

struct Datagram {
  std::vector<char> bytes;  // nlmsghdr and payload
};

struct Record {
  record::RecordType type;
  std::string body;  // with the "): " in front
  EventId id;
};

std::vector<Record> read_recording(const std::string& path) {
  std::vector<Record> records;
  auto source = input::open_source(path);
  if (!source) stop(source.error().to_string(), 1);
  input::Batch batch;
  for (;;) {
    const auto state = (*source)->read(batch);
    for (const record::Datagram& d : batch) {
      EventId id;
      std::string_view body;
      if (record::parse_stamp(d.payload, id, body))
        records.push_back({d.type, std::string(body), id});
    }
    if (!state || *state == input::ReadState::ended || records.size() > kRecords) return records;
  }
}

Datagram datagram_of(const Record& r, std::uint64_t serial) {
  char stamp[64];
  const int size = std::snprintf(
      stamp, sizeof stamp, "audit(%llu.%03u:%llu): ", static_cast<unsigned long long>(r.id.seconds),
      r.id.milliseconds, static_cast<unsigned long long>(serial));
  const std::string text = std::string(stamp, static_cast<std::size_t>(size)) + r.body;
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(text.size());  // as the kernel has it: too small
  header.nlmsg_type = r.type;
  Datagram d;
  d.bytes.resize(sizeof header + text.size());
  std::memcpy(d.bytes.data(), &header, sizeof header);
  std::memcpy(d.bytes.data() + sizeof header, text.data(), text.size());
  return d;
}

// The recording over and over, its serials going on from pass to pass, up to about kRecords.
std::vector<Datagram> load(const std::string& path) {
  const std::vector<Record> records = read_recording(path);
  if (records.empty()) stop(path + " has no records", 1);
  const auto [first, last] =
      std::ranges::minmax_element(records, {}, [](const Record& r) { return r.id.serial; });
  const std::uint64_t span = last->id.serial - first->id.serial + 1;
  std::vector<Datagram> datagrams;
  for (std::uint64_t pass = 0; datagrams.size() < kRecords; ++pass)
    for (const Record& r : records) datagrams.push_back(datagram_of(r, r.id.serial + pass * span));
  return datagrams;
}

Fd open_usersock(std::uint32_t& port) {
  Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    stop("SKIP: this kernel has no NETLINK_USERSOCK for us", 77);
  port = address.nl_pid;
  return fd;
}

void force_buffer(int fd) {
  const int bytes = static_cast<int>(kBufferBytes);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    stop("SKIP: a large receive buffer needs CAP_NET_ADMIN", 77);
}

void send_all(int fd, std::uint32_t to, const std::vector<Datagram>& datagrams) {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_pid = to;
  for (const Datagram& d : datagrams)
    if (::sendto(fd, d.bytes.data(), d.bytes.size(), 0, reinterpret_cast<sockaddr*>(&address),
                 sizeof address) < 0)
      stop("the receiving socket is full", 1);
}

// The floor: nothing but the reads and the check that a read must have.
double bare_round(const std::vector<Datagram>& datagrams, int sender, std::uint32_t sender_port) {
  constexpr std::size_t kBatch = 64;
  constexpr std::size_t kSlot = 9'000;
  std::uint32_t port = 0;
  const Fd receiver = open_usersock(port);
  force_buffer(receiver.get());
  std::vector<char> slots(kBatch * kSlot);
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_nl, kBatch> names{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors[i] = {slots.data() + i * kSlot, kSlot};
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &names[i];
  }
  send_all(sender, port, datagrams);
  std::size_t received = 0;
  const std::uint64_t begin = thread_cpu_ns();
  for (;;) {
    for (mmsghdr& message : messages) message.msg_hdr.msg_namelen = sizeof(sockaddr_nl);
    const int count = ::recvmmsg(receiver.get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (count <= 0) break;
    for (int i = 0; i < count; ++i)
      if (names[static_cast<std::size_t>(i)].nl_pid == sender_port) ++received;
  }
  const std::uint64_t spent = thread_cpu_ns() - begin;
  if (received != datagrams.size()) stop("the bare loop missed records", 1);
  return static_cast<double>(spent) / static_cast<double>(received);
}

// Writes to /dev/null, as a file sink writes: one call a batch.
class NullSink final : public sink::Sink {
 public:
  NullSink() : fd_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {}
  sink::Answer write(const buffer::FrameBatch& batch) override {
    frames_ += batch.frames().size();
    const bool written = ::write(fd_.get(), batch.bytes().data(), batch.bytes().size()) >= 0;
    return written ? sink::Answer::acknowledged : sink::Answer::fatal;
  }
  std::size_t frames() const { return frames_; }

 private:
  Fd fd_;
  std::size_t frames_ = 0;
};

double daemon_round(const std::vector<Datagram>& datagrams, int sender, std::uint32_t sender_port) {
  std::uint32_t port = 0;
  Fd receiver = open_usersock(port);
  force_buffer(receiver.get());
  auto adopted = netlink::NetlinkSocket::adopt(std::move(receiver), {});
  if (!adopted) stop(adopted.error().to_string(), 1);
  netlink::EventSocket socket(*std::move(adopted), sender_port);
  const SystemClock clock;
  input::KernelSource source(socket, clock, nullptr);
  auto channel = agent::Channel::create(4u << 20);
  if (!channel) stop(channel.error().to_string(), 1);
  agent::IntakeOptions options;
  options.queue_bytes = kBufferBytes;
  agent::Intake intake(source, **channel, clock, options);
  NullSink sink;
  agent::PipelineOptions pipeline_options;
  pipeline_options.judge_holes = true;
  agent::Pipeline pipeline(pipeline_options, nullptr, {{buffer::Format::json, &sink}});
  agent::PipelineThread thread(**channel, pipeline, clock,
                               [](agent::Pipeline&) { return UINT64_MAX; });
  send_all(sender, port, datagrams);
  std::uint64_t intake_ns = 0;
  std::uint64_t pipeline_ns = 0;
  std::thread intake_runner([&] {
    intake.run();
    intake_ns = thread_cpu_ns();
  });
  std::thread pipeline_runner([&] {
    thread.run();
    pipeline_ns = thread_cpu_ns();
  });
  intake.drain(10'000);
  intake.stop();
  intake_runner.join();
  pipeline_runner.join();
  pipeline.finish();
  const std::uint64_t records = pipeline.assembler_counters().records.value();
  // One more for each loss that it reported: the cut at the end of a long recording is one.
  if (records < datagrams.size() || sink.frames() == 0)
    stop("the daemon took " + std::to_string(records) + " of " + std::to_string(datagrams.size()) +
             " records, " + std::to_string(sink.frames()) + " frames",
         1);
  return static_cast<double>(intake_ns + pipeline_ns) / static_cast<double>(records);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace
}  // namespace sorrel::bench

int main(int argc, char** argv) {
  using namespace sorrel::bench;
  const std::string path =
      argc > 1 ? argv[1] : SORREL_TEST_DIR "/golden/recordings/everyday-raw.audrec.xz";
  const std::vector<Datagram> datagrams = load(path);
  std::uint32_t sender_port = 0;
  const sorrel::Fd sender = open_usersock(sender_port);
  std::size_t bytes = 0;
  for (const Datagram& d : datagrams) bytes += d.bytes.size();
  std::vector<double> bare, daemon;
  for (int round = 0; round < kRounds; ++round) {
    bare.push_back(bare_round(datagrams, sender.get(), sender_port));
    daemon.push_back(daemon_round(datagrams, sender.get(), sender_port));
  }
  std::printf("records=%zu bytes_per_record=%.0f rounds=%d\n", datagrams.size(),
              static_cast<double>(bytes) / static_cast<double>(datagrams.size()), kRounds);
  std::printf("bare ns_per_record=%.0f\n", median(bare));
  std::printf("daemon ns_per_record=%.0f\n", median(daemon));
  std::printf("ratio=%.2f\n", median(daemon) / median(bare));
}
