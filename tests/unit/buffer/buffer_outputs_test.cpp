// Outputs that come and go while the buffer is open.
#include <atomic>
#include <thread>

#include "buffer_fixture.h"

namespace sorrel::buffer {
namespace {

using test::batch_of;
using test::Disk;
using Texts = std::vector<std::string>;

// A second passes with each look at it, so that cursors are saved all the time.
class HurriedClock final : public Clock {
 public:
  std::uint64_t monotonic_ns() const noexcept override { return now_ns_ += 1'000'000'000; }
  std::uint64_t realtime_ns() const noexcept override { return 1; }

 private:
  mutable std::atomic<std::uint64_t> now_ns_{0};
};

std::size_t added(Disk& disk, const OutputInfo& output) {
  const auto place = disk.buffer->add_output(output);
  REQUIRE(place);
  return *place;
}

}  // namespace

TEST_CASE("an output that comes later begins behind the newest frame, or with the oldest",
          "[buffer][outputs]") {
  Disk disk;
  disk.open().append(batch_of({"a", "b"}));
  const std::size_t two = added(disk, {.name = "two", .bit = 2});
  const std::size_t three = added(disk, {.name = "three", .bit = 4, .from_oldest = true});
  disk.buffer->append(batch_of({"c"}));
  CHECK(disk.read(two) == Texts{"c"});
  CHECK(disk.read(three) == Texts{"a", "b", "c"});
  CHECK(disk.read(0) == Texts{"a", "b", "c"});
}

TEST_CASE("where a new output begins can be moved before it reads, and not where one goes on",
          "[buffer][outputs]") {
  Disk disk;
  disk.open({{.name = "one"}, {.name = "two"}}).append(batch_of({"a", "b"}));
  disk.buffer->remove_output(1);
  const std::size_t two = added(disk, {.name = "two"});
  const std::size_t new_one = added(disk, {.name = "new"});
  const std::size_t oldest = added(disk, {.name = "oldest", .from_oldest = true});
  disk.buffer->append(batch_of({"c"}));
  const LaneEnds ends = disk.buffer->ends();
  for (const std::size_t each : {two, new_one, oldest}) disk.buffer->begin_at(each, ends);
  disk.buffer->append(batch_of({"d"}));
  CHECK(disk.read(two) == Texts{"a", "b", "c", "d"});
  CHECK(disk.read(new_one) == Texts{"d"});
  CHECK(disk.read(oldest) == Texts{"a", "b", "c", "d"});
}

TEST_CASE("an output that went and comes back goes on behind what it had answered",
          "[buffer][outputs]") {
  Disk disk;
  disk.open({{.name = "one"}, {.name = "two"}}).append(batch_of({"a", "b", "c"}));
  CHECK(disk.read(1).size() == 3);
  disk.buffer->reader(1, Lane::security).acknowledge(1, 2);
  disk.buffer->remove_output(1);
  disk.buffer->append(batch_of({"d"}));
  SECTION("at once") {
    CHECK(added(disk, {.name = "two"}) == 1);  // in the place that it left
    CHECK(disk.read(1) == Texts{"c", "d"});
  }
  SECTION("after a start without it") {
    disk.commit();
    disk.open();
    CHECK(disk.read(added(disk, {.name = "two"})) == Texts{"c", "d"});
  }
}

TEST_CASE("segments wait for an output that came, and no longer for one that went",
          "[buffer][outputs]") {
  Disk disk;
  disk.options.segment_bytes = 1;  // a segment a block
  disk.open();
  const std::size_t two = added(disk, {.name = "two"});
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.buffer->reader(0, Lane::security).acknowledge(1, 3);
  disk.commit();
  CHECK(disk.segment_files().size() == 3);
  SECTION("it went") {
    disk.buffer->remove_output(two);
  }
  SECTION("it is of best effort from now on") {
    disk.buffer->set_required(two, false);
  }
  disk.commit();
  CHECK(disk.segment_files().size() == 1);
}

TEST_CASE("without any output the log stays as it is", "[buffer][outputs]") {
  Disk disk;
  disk.options.segment_bytes = 1;
  disk.open();
  for (const char* text : {"a", "b"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.buffer->remove_output(0);
  disk.commit();
  CHECK(disk.segment_files().size() == 2);
  CHECK(disk.read(added(disk, {.name = "one"})) == Texts{"a", "b"});
}

TEST_CASE("an output that is given up leaves no cursor, but the one that it had before",
          "[buffer][outputs]") {
  Disk disk;
  disk.open({{.name = "one"}, {.name = "old"}});
  disk.buffer->remove_output(1);
  for (const char* name : {"old", "new"}) disk.buffer->undo_add(added(disk, {.name = name}));
  CHECK(std::filesystem::exists(disk.options.path + "/security/old.cursor"));
  CHECK_FALSE(std::filesystem::exists(disk.options.path + "/security/new.cursor"));
}

TEST_CASE("a cursor that cannot be opened adds nothing", "[buffer][outputs]") {
  Disk disk;
  disk.open().append(batch_of({"a"}));
  std::filesystem::create_directory(disk.options.path + "/security/bad.cursor");
  const auto failed = disk.buffer->add_output({.name = "bad"});
  REQUIRE_FALSE(failed);
  CHECK_FALSE(std::filesystem::exists(disk.options.path + "/first/bad.cursor"));
  disk.commit();
  CHECK(disk.read(0) == Texts{"a"});
}

TEST_CASE("an output that answered for frames which a crash took does not miss their successors",
          "[buffer][outputs]") {
  Disk disk;
  disk.open({{.name = "one"}, {.name = "two"}}).append(batch_of({"a", "b", "c"}));
  disk.buffer->reader(1, Lane::security).acknowledge(1, 3);
  disk.buffer->remove_output(1);  // its cursor is on the disk, and the frames are not
  disk.kill();
  disk.open();
  disk.buffer->append(batch_of({"d"}));
  const std::size_t two = added(disk, {.name = "two"});
  disk.buffer->append(batch_of({"e", "f"}));
  CHECK(disk.read(two) == Texts{"e", "f"});
}

TEST_CASE("outputs come and go beside the threads that write and append", "[buffer][outputs]") {
  const sorrel::test::TempFolder folder;
  OsStorage storage;
  const HurriedClock clock;
  Options options;
  options.path = folder.path() + "/buffer";
  options.min_free_bytes = 0;
  options.max_share_percent = 0;
  options.segment_bytes = 1'000;
  for (LaneOptions& lane : options.lanes) lane.sync = Sync::never;
  auto opened = Buffer::open(storage, clock, options, {{.name = "one"}});
  REQUIRE(opened);
  Buffer& buffer = **opened;
  buffer.start();
  std::atomic<bool> ends{false};
  std::thread appends([&] {
    while (!ends) {
      buffer.append(batch_of({"abc"}));
      std::this_thread::yield();
    }
  });
  // Each time it goes on where it was: no frame is missing, and none comes twice.
  std::uint64_t last = 0;
  std::uint64_t wrong = 0;
  for (int round = 0; round < 40; ++round) {
    const auto place = buffer.add_output({.name = "two", .from_oldest = true});
    if (!place) {
      ++wrong;
      break;
    }
    Reader& reader = buffer.reader(*place, Lane::security);
    for (int takes = 0; takes < 5; ++takes) {
      FrameBatch batch;
      Gap gap;
      const Reader::Got got = reader.read(1'000, batch, gap);
      if (got == Reader::Got::behind) {
        reader.set_loaded(reader.next(), reader.load(reader.next()).block);
      }
      if (got == Reader::Got::gap) ++wrong;
      for (const FrameHeader& frame : batch.frames()) {
        wrong += last != 0 && frame.sequence != last + 1 ? 1 : 0;
        last = frame.sequence;
      }
      if (got == Reader::Got::frames) {
        reader.acknowledge(batch.frames().front().sequence, batch.frames().back().sequence);
      }
    }
    buffer.set_required(*place, round % 2 == 0);
    buffer.set_required(*place, true);
    buffer.remove_output(*place);
  }
  ends = true;
  appends.join();
  CHECK(wrong == 0);
  CHECK(last > 0);
}

}  // namespace sorrel::buffer
