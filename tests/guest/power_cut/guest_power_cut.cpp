// The first process of a guest whose power is cut: two buffers on its disk, one that syncs each
// commit and one that never does. It says what of an earlier life is there, and then writes to both
// until the machine is gone, and says how far each calls its frames durable.
//
//   FOUND <policy> <last sequence> <missing before it> <wrong ones>
//   DURABLE <always: last sequence> <never: last sequence>
//   FAILED <why>
//
// With CHECK=1 in its environment (an argument of the kernel) it ends after FOUND.
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "base/clock.h"
#include "buffer/buffer.h"
#include "buffer/inspect.h"
#include "buffer/os_storage.h"

namespace {

using namespace sorrel;
using buffer::Buffer;
using buffer::Lane;
using buffer::Sync;

constexpr Lane kLane = Lane::security;

[[noreturn]] void end(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::fflush(stdout);
  ::reboot(RB_AUTOBOOT);  // with -no-reboot, the machine's end
  std::exit(1);
}

// A frame says by itself which it must be.
std::string text_of(std::uint64_t sequence) {
  return "frame " + std::to_string(sequence) + ' ' +
         std::string(200 + sequence % 800, static_cast<char>('a' + sequence % 26)) + '\n';
}

struct Store {
  const char* name;
  Sync sync;
  std::unique_ptr<Buffer> buffer;

  std::string path() const { return std::string("/data/") + name; }

  void open(buffer::Storage& storage, const Clock& clock) {
    buffer::Options options;
    options.path = path();
    options.segment_bytes = 1u << 20;
    options.max_bytes = options.max_share_percent = 0;
    options.min_free_bytes = 0;
    for (auto& lane : options.lanes) lane = {.commit_ms = 5, .sync = sync};
    // It reads nothing, so that nothing goes.
    auto opened = Buffer::open(storage, clock, options, {{.name = "o", .from_oldest = true}});
    if (!opened) end("FAILED " + opened.error().to_string());
    buffer = *std::move(opened);
  }

  void tell_found(buffer::Storage& storage) const {
    std::uint64_t next = 1;
    std::uint64_t missing = 0;
    std::uint64_t wrong = 0;
    const auto look = [&](const std::string&, const buffer::Block& block) {
      std::size_t offset = 0;
      for (const buffer::FrameHeader& frame : block.frames) {
        const std::string wanted = text_of(frame.sequence);
        if (block.bytes.compare(offset, frame.size_bytes, wanted) != 0) ++wrong;
        offset += frame.size_bytes;
        // The same again, from a file that was written once more.
        if (frame.sequence < next) continue;
        missing += frame.sequence - next;
        next = frame.sequence + 1;
      }
    };
    if (const auto seen = buffer::inspect(storage, {.path = path(), .secret = {}}, look); !seen) {
      end("FAILED " + seen.error().to_string());
    }
    std::printf("FOUND %s %llu %llu %llu\n", name, static_cast<unsigned long long>(next - 1),
                static_cast<unsigned long long>(missing), static_cast<unsigned long long>(wrong));
  }

  void append_some() {
    buffer::FrameBatch batch;
    std::uint64_t sequence = buffer->status(kLane).end;
    for (int i = 0; i < 8; ++i, ++sequence) {
      const std::string text = text_of(sequence);
      std::memcpy(batch.reserve(text.size()), text.data(), text.size());
      buffer::FrameHeader header;
      header.size_bytes = static_cast<std::uint32_t>(text.size());
      header.lane = kLane;
      batch.append_frame(header);
    }
    buffer->append(batch);
  }
  std::uint64_t durable() const { return buffer->durable_end(kLane) - 1; }
};

}  // namespace

int main() {
  for (const char* folder : {"/data", "/proc"}) ::mkdir(folder, 0755);
  ::mount("dev", "/dev", "devtmpfs", 0, nullptr);
  ::mount("proc", "/proc", "proc", 0, nullptr);
  if (::mount("/dev/nvme0n1", "/data", "ext4", 0, nullptr) != 0) {
    end(std::string("FAILED the disk cannot be mounted: ") + std::strerror(errno));
  }
  const SystemClock clock;
  buffer::OsStorage storage;
  Store stores[] = {{"always", Sync::always, nullptr}, {"never", Sync::never, nullptr}};
  for (Store& store : stores) store.open(storage, clock);
  for (const Store& store : stores) store.tell_found(storage);
  if (std::getenv("CHECK") != nullptr) end("CHECKED");
  for (Store& store : stores) store.buffer->start();
  std::uint64_t told = 0;
  for (;;) {
    for (Store& store : stores) store.append_some();
    ::usleep(3'000);
    const std::uint64_t durable = stores[0].durable();
    if (durable == told) continue;
    told = durable;
    std::printf("DURABLE %llu %llu\n", static_cast<unsigned long long>(durable),
                static_cast<unsigned long long>(stores[1].durable()));
    std::fflush(stdout);
  }
}
