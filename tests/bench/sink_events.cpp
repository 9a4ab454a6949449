#include <algorithm>
#include <cstdio>
#include <cstring>

#include "common.h"
#include "measure.h"
#include "sink/json_string.h"
#include "sink_bench.h"

namespace sorrel::bench {
namespace {

constexpr std::uint64_t kProcesses = 64;
constexpr std::uint64_t kFirstNs = 1'795'737'599'123'000'000;

// The shape of an exec's event; what differs between two of a real host does so here.
void append_event(std::string& out, const buffer::FrameHeader& header) {
  const std::string number = std::to_string(header.sequence);
  const std::string pid = std::to_string(1'000 + header.sequence % 30'000);
  out += R"({"EVENT_UID":")";
  sink::append_uid(out, header.event_uid);
  out +=
      R"(","ID":"1795737599.123:)" + number + R"(","NODE":"web1.example.org","SYSCALL":)" +
      R"({"arch":"0xc000003e","syscall":59,"success":"yes","exit":0,"items":2,"ppid":812,"pid":)" +
      pid +
      R"(,"auid":1000,"uid":0,"gid":0,"euid":0,"suid":0,"fsuid":0,"egid":0,"sgid":0,"fsgid":0,)"
      R"("tty":"pts0","ses":3,"comm":"sshd","exe":"/usr/sbin/sshd","subj":"unconfined",)"
      R"("key":"exec","ARCH":"x86_64","SYSCALL":"execve","AUID":"admin","UID":"root",)"
      R"("GID":"root","EUID":"root"},"EXECVE":{"argc":4,"ARGV":["sshd","-D","-o",)"
      R"("PidFile=/run/sshd-)" +
      pid + R"(.pid"]},"CWD":{"cwd":"/home/admin/work/)" + number +
      R"("},"PATH":[{"item":0,"name":"/usr/sbin/sshd","inode":)" + number +
      R"(,"dev":"fe:01","mode":"0o100755","ouid":0,"ogid":0,"rdev":"00:00",)"
      R"("nametype":"NORMAL","cap_fp":"0x0"},{"item":1,"name":"/lib64/ld-linux-x86-64.so.2",)"
      R"("inode":1835028,"dev":"fe:01","mode":"0o100755","ouid":0,"ogid":0,"rdev":"00:00",)"
      R"("nametype":"NORMAL","cap_fp":"0x0"}],"PROCTITLE":{"ARGV":["sshd","-D"]},"PID":)" +
      pid + "}\n";
}

}  // namespace

SinkEvents::SinkEvents(std::uint64_t count, std::uint64_t run) {
  frames_.reserve(count);
  offsets_.reserve(count);
  bytes_.reserve(count * 1'100);
  for (std::uint64_t number = 1; number <= count; ++number) {
    buffer::FrameHeader header;
    header.sequence = number;
    header.event_uid[0] = run;
    header.event_uid[1] = number;
    header.time_ns = kFirstNs + number * 20'000;  // as 50,000 a second come
    header.partition_key = number % kProcesses;
    offsets_.push_back(bytes_.size());
    append_event(bytes_, header);
    header.size_bytes = static_cast<std::uint32_t>(bytes_.size() - offsets_.back());
    frames_.push_back(header);
  }
}

boost::asio::awaitable<bool> MemoryFeed::take(std::size_t max_bytes, buffer::FrameBatch& batch) {
  batch.clear();
  const auto& frames = events_.frames();
  if (next_ == frames.size()) co_return false;
  std::size_t size = 0;
  std::size_t end = next_;
  while (end < frames.size() && (end == next_ || size + frames[end].size_bytes <= max_bytes)) {
    size += frames[end++].size_bytes;
  }
  const char* const from = events_.bytes_of(next_).data();
  std::memcpy(batch.reserve(size), from, size);
  for (; next_ < end; ++next_) batch.append_frame(frames[next_]);
  co_return true;
}

void MemoryFeed::reject(const buffer::FrameHeader&, std::string_view, std::string_view why) {
  give_up("a frame was refused: " + std::string(why));
}

void MemoryFeed::rewind() {
  if (next_ != 0) give_up("the connection broke, which is not what is measured");
}

SinkClock::SinkClock() : wall_ns_(read_clock(CLOCK_MONOTONIC)), cpu_ns_(cpu_ns()) {}

void SinkClock::print(const SinkEvents& events) const {
  const double cpu = static_cast<double>(cpu_ns() - cpu_ns_) / 1e9;
  const double wall = static_cast<double>(read_clock(CLOCK_MONOTONIC) - wall_ns_) / 1e9;
  std::printf("seconds=%.4f cpu_seconds=%.4f bytes=%zu\n", wall, cpu, events.bytes().size());
}

}  // namespace sorrel::bench
