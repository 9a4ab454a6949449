// A disk that is really full: a tmpfs of 64 kB. Needs root, and a kernel that lets it mount.
#include <sched.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

// Mounted in a mount namespace of its own, so that nothing stays behind.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& folder) : folder_(folder) {
    is_mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
                  ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                  ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0;
    if (!is_mounted_) WARN("skipped: cannot mount a small tmpfs: " << std::strerror(errno));
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool is_mounted() const { return is_mounted_; }

 private:
  std::string folder_;
  bool is_mounted_ = false;
};

TEST_CASE("a really full disk holds whole frames, and is used again once there is room", "[sink]") {
  TempFolder folder;
  const SmallDisk disk(folder.path());
  if (!disk.is_mounted()) return;
  set_log_level(static_cast<Level>(9));
  SystemStorage storage;
  ManualClock clock;
  FileOptions options;
  options.path = folder / "audit.log";
  write_file(folder / "ballast", std::string(32 * 1024, 'b'));
  auto sink = FileSink::create(options, storage, clock);
  REQUIRE(sink.has_value());
  const FileStatistics& statistics = (*sink)->statistics();

  const std::string line = std::string(999, 'x') + "\n";
  std::uint64_t given = 0;
  for (; given < 100; given += 5) {
    CHECK((*sink)->write(make_batch(std::vector<std::string>(5, line))) == Answer::acknowledged);
  }
  const std::uint64_t written = statistics.written.frames.value();
  CHECK(written > 0);
  CHECK(statistics.drop(DropReason::no_space).frames.value() == given - written);
  CHECK(read_file(options.path).size() == written * line.size());

  std::filesystem::remove(folder / "ballast");
  CHECK((*sink)->write(make_batch({line, "end\n"})) == Answer::acknowledged);
  CHECK(statistics.written.frames.value() == written + 2);
  CHECK(read_file(options.path).ends_with("x\nend\n"));
}

}  // namespace
}  // namespace sorrel::sink
