#include "buffer/buffer.h"

#include <sys/stat.h>

#include "buffer_fixture.h"

namespace sorrel::buffer {
namespace {

using test::batch_of;
using test::Disk;
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a frame can be read at once, and again from the disk after a kill", "[buffer]") {
  Disk disk;
  disk.options.compression = GENERATE(0, 1);
  disk.open({{.name = "one", .from_oldest = true}}).append(batch_of({"a", "b"}));
  CHECK(disk.read() == Texts{"a", "b"});
  CHECK(disk.buffer->durable_end(Lane::security) == 1);
  disk.commit();
  CHECK(disk.buffer->durable_end(Lane::security) == 3);
  disk.kill();
  disk.open({{.name = "one"}});
  CHECK(disk.buffer->durable_end(Lane::security) == 3);
  CHECK(disk.read() == Texts{"a", "b"});
  CHECK(disk.loads == 1);
  CHECK(disk.first == 1);
  disk.buffer->append(batch_of({"c"}));
  CHECK(disk.read() == Texts{"c"});
  CHECK(disk.first == 3);
}

TEST_CASE("what is not committed is written when the buffer is closed", "[buffer]") {
  Disk disk;
  disk.open().append(batch_of({"a"}));
  disk.buffer->close();
  disk.open();
  CHECK(disk.read() == Texts{"a"});
}

TEST_CASE("an output goes on behind what it had acknowledged, and gets the rest again",
          "[buffer]") {
  Disk disk;
  disk.open().append(batch_of({"a", "b", "c", "d"}));
  CHECK(disk.read().size() == 4);
  Reader& reader = disk.buffer->reader(0, Lane::security);
  reader.acknowledge(3, 3);
  CHECK(reader.acked() == 0);
  reader.acknowledge(1, 1);
  CHECK(reader.acked() == 1);
  reader.rewind();
  CHECK(disk.read() == Texts{"b", "c", "d"});  // at least once
  reader.acknowledge(2, 2);
  CHECK(reader.acked() == 3);
  disk.commit();
  disk.kill();
  disk.open();
  CHECK(disk.read() == Texts{"d"});
}

TEST_CASE("frames of other outputs are passed over, and do not hold the cursor", "[buffer]") {
  Disk disk;
  disk.open({{.name = "one", .bit = 1}, {.name = "two", .bit = 2}});
  disk.buffer->append(batch_of({"1"}, Lane::security, 1));
  disk.buffer->append(batch_of({"2"}, Lane::security, 2));
  disk.buffer->append(batch_of({"3"}, Lane::security, 3));
  disk.buffer->append(batch_of({"4"}, Lane::security, 1));
  CHECK(disk.read(1) == Texts{"2", "3"});
  Reader& two = disk.buffer->reader(1, Lane::security);
  CHECK(two.acked() == 1);
  two.acknowledge(2, 3);
  CHECK(two.acked() == 4);
  CHECK(disk.read(0) == Texts{"1", "3", "4"});
}

TEST_CASE("segments go when every required output has answered, and only then", "[buffer]") {
  Disk disk;
  disk.options.segment_bytes = 1;  // a segment a block
  disk.options.memory_bytes = 1;
  disk.open({{.name = "one"}, {.name = "two"}, {.name = "best", .is_required = false}});
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  CHECK(disk.segment_files().size() == 3);
  disk.buffer->reader(0, Lane::security).acknowledge(1, 3);
  disk.commit();
  CHECK(disk.segment_files().size() == 3);
  disk.buffer->reader(1, Lane::security).acknowledge(1, 2);
  disk.commit();
  CHECK(disk.segment_files().size() == 1);
  CHECK(disk.read(1) == Texts{"c"});
  // The one that holds nothing gets to know what it missed.
  CHECK(disk.read(2) == Texts{});
  CHECK(disk.gap == Gap{Lane::security, 1, 2});
  CHECK(disk.read(2) == Texts{"c"});
}

TEST_CASE("of an earlier run's segments those that are answered go, the newest stays", "[buffer]") {
  Disk disk;
  disk.open().append(batch_of({"a", "b"}));
  disk.buffer->close();
  disk.open().append(batch_of({"c"}));
  disk.commit();
  CHECK(disk.segment_files().size() == 2);
  disk.buffer->reader(0, Lane::security).acknowledge(1, 3);
  disk.commit();
  REQUIRE(disk.segment_files().size() == 1);
  CHECK(disk.segment_files()[0].ends_with(segment_file_name({3, 0})));
  // It tells where the log ended, so that a cursor there is no surprise.
  disk.kill();
  disk.open();
  CHECK(disk.buffer->status(Lane::security).end == 4);
}

TEST_CASE("a quota takes the oldest of the lowest lane, and the gap says so", "[buffer]") {
  Disk disk;
  disk.options.segment_bytes = 1;
  disk.options.memory_bytes = 1;
  disk.options.max_bytes = 4'000;
  disk.open();
  const std::string text(1'000, 'x');
  disk.buffer->append(batch_of({text}, Lane::first));
  disk.buffer->append(batch_of({text}, Lane::security));
  disk.commit();
  for (int i = 0; i < 4; ++i) {
    disk.buffer->append(batch_of({text}, Lane::bulk));
    disk.commit();
  }
  CHECK(disk.segment_files("first").size() == 1);
  CHECK(disk.segment_files("security").size() == 1);
  CHECK(disk.segment_files("bulk").size() == 1);
  CHECK(disk.buffer->status(Lane::bulk).dropped_frames == 3);
  CHECK(disk.read(0, Lane::bulk) == Texts{});
  CHECK(disk.gap == Gap{Lane::bulk, 1, 3});
  CHECK(disk.read(0, Lane::bulk) == Texts{text});
  CHECK(disk.read(0, Lane::first) == Texts{text});
}

TEST_CASE("a quota that takes all of a lane leaves its end known", "[buffer]") {
  Disk disk;
  disk.options.memory_bytes = 1;
  disk.options.max_bytes = 500;
  disk.open();
  disk.buffer->append(batch_of({std::string(1'000, 'x'), "b"}));
  disk.commit();
  CHECK(disk.buffer->status(Lane::security).dropped_frames == 2);
  disk.kill();
  disk.open();
  disk.buffer->append(batch_of({"c"}));
  CHECK(disk.read() == Texts{});
  CHECK(disk.gap == Gap{Lane::security, 1, 2});
  CHECK(disk.read() == Texts{"c"});
  CHECK(disk.first == 3);
}

TEST_CASE("a new output begins behind the newest frame, or with the oldest", "[buffer]") {
  Disk disk;
  disk.open({{.name = "one"}}).append(batch_of({"a"}));
  disk.commit();
  disk.buffer->close();
  disk.open({{.name = "one"}, {.name = "new"}, {.name = "all", .from_oldest = true}});
  disk.buffer->append(batch_of({"b"}));
  CHECK(disk.read(1) == Texts{"b"});
  CHECK(disk.read(2) == Texts{"a"});
  CHECK(disk.read(2) == Texts{"b"});
}

TEST_CASE("encrypted frames are read with the key, and are nowhere on the disk", "[buffer]") {
  Disk disk;
  disk.options.key_file = disk.folder.path() + "/key";
  std::ofstream(disk.options.key_file) << std::string(64, 'a') << '\n';
  ::chmod(disk.options.key_file.c_str(), 0600);
  disk.open().append(batch_of({"a secret that nobody may see"}));
  disk.commit();
  disk.kill();
  for (const std::string& path : disk.segment_files()) {
    std::stringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    CHECK(bytes.str().find("secret") == std::string::npos);
    struct stat status {};
    ::stat(path.c_str(), &status);
    CHECK((status.st_mode & 0777) == 0600);
  }
  SECTION("the same key") {
    disk.open();
    CHECK(disk.read() == Texts{"a secret that nobody may see"});
  }
  SECTION("another key") {
    std::ofstream(disk.options.key_file) << std::string(64, 'b') << '\n';
    // Not passed over, which would lose them for good.
    const auto opened = Buffer::open(disk.storage, disk.clock, disk.options, {{.name = "one"}});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("another key") != std::string::npos);
  }
  SECTION("no key") {
    disk.options.key_file.clear();
    const auto opened = Buffer::open(disk.storage, disk.clock, disk.options, {{.name = "one"}});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find("is encrypted") != std::string::npos);
  }
  SECTION("a key that others may read") {
    ::chmod(disk.options.key_file.c_str(), 0640);
    CHECK_FALSE(Buffer::open(disk.storage, disk.clock, disk.options, {}));
  }
}

TEST_CASE("a folder that is a link, or another's, is refused", "[buffer]") {
  Disk disk;
  std::filesystem::create_directory(disk.folder.path() + "/elsewhere");
  std::filesystem::create_symlink(disk.folder.path() + "/elsewhere", disk.options.path);
  const auto opened = Buffer::open(disk.storage, disk.clock, disk.options, {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.find("symbolic link") != std::string::npos);
}

TEST_CASE("the thread commits by itself, and close() ends it", "[buffer]") {
  Disk disk;
  const SystemClock clock;
  auto opened = Buffer::open(disk.storage, clock, disk.options, {{.name = "one"}});
  REQUIRE(opened);
  Buffer& buffer = **opened;
  int told = 0;
  buffer.on_frames([&] { ++told; });
  buffer.start();
  buffer.append(batch_of({"a"}));
  CHECK(told == 1);
  // Bounded only for a test that fails.
  for (int i = 0; i < 20'000 && buffer.durable_end(Lane::security) != 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(buffer.durable_end(Lane::security) == 2);
  buffer.close();
}

}  // namespace sorrel::buffer
