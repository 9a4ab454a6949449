// What crashes and bad disks leave behind.
#include "buffer/crc32c.h"
#include "buffer_fixture.h"

namespace sorrel::buffer {
namespace {

using test::batch_of;
using test::Disk;
using Texts = std::vector<std::string>;

// Three blocks of one frame each, in one segment.
void write_three(Disk& disk) {
  disk.open();
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.kill();
  REQUIRE(disk.segment_files().size() == 1);
}

constexpr std::uint64_t kStored = kBlockHeaderBytes + kEntryBytes + 1;

void overwrite(const std::string& path, std::uint64_t at, char byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
}

std::string bytes_of(const std::string& path) {
  std::stringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

}  // namespace

TEST_CASE("a torn tail is cut off, and new frames go into a new segment", "[buffer]") {
  Disk disk;
  write_three(disk);
  const std::string path = disk.segment_files().front();
  const std::uint64_t cut = GENERATE(1u, 30u, kEntryBytes + 1, kStored - 1);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - cut);
  disk.open();
  CHECK(disk.buffer->status(Lane::security).torn_bytes == kStored - cut);
  CHECK(std::filesystem::file_size(path) == kSegmentHeaderBytes + 2 * kStored);
  disk.buffer->append(batch_of({"d"}));
  CHECK(disk.read() == Texts{"a"});
  CHECK(disk.read() == Texts{"b"});
  CHECK(disk.read() == Texts{"d"});
  CHECK(disk.first == 3);  // nobody had been told of "c"
  disk.commit();
  CHECK(disk.segment_files().size() == 2);
}

TEST_CASE("a damaged block costs its own frames only, and they are a gap", "[buffer]") {
  Disk disk;
  write_three(disk);
  // In the second block: its magic, its sequence, its payload.
  const int offset = GENERATE(0, 10, 51);
  overwrite(disk.segment_files().front(),
            kSegmentHeaderBytes + kStored + static_cast<std::uint64_t>(offset), '!');
  disk.open();
  CHECK(disk.read() == Texts{"a"});
  CHECK(disk.read() == Texts{});
  CHECK(disk.gap == Gap{Lane::security, 2, 2});
  CHECK(disk.read() == Texts{"c"});
  CHECK(disk.buffer->status(Lane::security).damaged_places == 1);
}

TEST_CASE("a damaged block of a sealed segment is copied aside, once, and reading goes on",
          "[buffer]") {
  Disk disk;
  const std::vector<OutputInfo> outputs = {{.name = "one"}, {.name = "two"}};
  disk.options.segment_bytes = kSegmentHeaderBytes + kStored + 1;  // "a", "b" | "c"
  disk.open(outputs);
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.kill();
  REQUIRE(disk.segment_files().size() == 2);
  const std::string segment = disk.segment_files().front();
  const std::uint64_t begin = kSegmentHeaderBytes;
  const int offset = GENERATE(0, 10, 51);  // in the first block: its magic, sequence, payload
  overwrite(segment, begin + static_cast<std::uint64_t>(offset), '!');
  const std::string damaged = bytes_of(segment).substr(begin, kStored);
  disk.open(outputs);
  for (std::size_t output = 0; output < 2; ++output) {
    CHECK(disk.read(output) == Texts{});
    CHECK(disk.gap == Gap{Lane::security, 1, 1});
    CHECK(disk.read(output) == Texts{"b"});
    CHECK(disk.read(output) == Texts{"c"});
  }
  const LaneStatus status = disk.buffer->status(Lane::security);
  CHECK(status.damaged_places == 1);
  CHECK(status.damaged_kept == 1);
  const std::string copy = disk.options.path + "/security/damaged/" + segment_file_name({1, 0}) +
                           "." + std::to_string(begin);
  CHECK(bytes_of(copy) == damaged);
  // It outlives the segment, and the next start does not copy it again.
  disk.kill();
  disk.open(outputs);
  CHECK(disk.read() == Texts{});
  CHECK(disk.buffer->status(Lane::security).damaged_places == 1);
  CHECK(disk.buffer->status(Lane::security).damaged_kept == 0);
  for (std::size_t output = 0; output < 2; ++output) {
    disk.buffer->reader(output, Lane::security).acknowledge(1, 3);
  }
  disk.commit();
  CHECK(disk.segment_files().size() == 1);
  CHECK(bytes_of(copy) == damaged);
}

TEST_CASE("the folder of damaged blocks has a limit, and what it has no room for is counted",
          "[buffer]") {
  const sorrel::test::TempFolder folder;
  OsStorage storage;
  const std::string path = folder.path() + "/segment";
  std::ofstream(path) << std::string(300, 'x');
  const StorageFile file(storage, storage.open(path, Storage::Access::read));
  const std::string kept = folder.path() + "/damaged";
  {
    Quarantine quarantine(storage, kept, 150);
    quarantine.add({1, 0}, file.get(), 0, 100, "test");
    quarantine.add({1, 0}, file.get(), 0, 100, "test");  // another output
    quarantine.add({1, 0}, file.get(), 100, 200, "test");
    CHECK(quarantine.counters().places.value() == 2);
    CHECK(quarantine.counters().kept.value() == 1);
  }
  Quarantine quarantine(storage, kept, 150);
  quarantine.add({2, 0}, file.get(), 200, 300, "test");  // what is there already counts
  CHECK(quarantine.counters().kept.value() == 0);
  quarantine.add({2, 0}, file.get(), 250, 300, "test");
  CHECK(quarantine.counters().kept.value() == 1);
}

TEST_CASE("a damaged header of a segment costs no frame, as long as nothing is encrypted",
          "[buffer]") {
  Disk disk;
  disk.options.segment_bytes = kSegmentHeaderBytes + kStored + 1;
  disk.open();
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.kill();
  overwrite(disk.segment_files().front(), 20, '!');
  disk.open();
  CHECK(disk.read() == Texts{"a"});
  CHECK(disk.read() == Texts{"b"});
  CHECK(disk.read() == Texts{"c"});
  CHECK(disk.buffer->status(Lane::security).damaged_places == 1);
}

TEST_CASE("the last segment without its header is copied aside whole before it goes", "[buffer]") {
  Disk disk;
  write_three(disk);
  const std::string path = disk.segment_files().front();
  overwrite(path, 20, '!');
  const std::string damaged = bytes_of(path);
  disk.open();
  CHECK(disk.segment_files().empty());
  CHECK(bytes_of(disk.options.path + "/security/damaged/" + segment_file_name({1, 0}) + ".0") ==
        damaged);
}

TEST_CASE("a segment without a header, as a crash leaves it, is removed", "[buffer]") {
  Disk disk;
  write_three(disk);
  std::ofstream(disk.options.path + "/security/" + segment_file_name({4, 0})) << "half";
  disk.open();
  CHECK(disk.segment_files().size() == 1);
  CHECK(disk.read() == Texts{"a"});
}

TEST_CASE("a segment of a newer format stops the start instead of being lost", "[buffer]") {
  Disk disk;
  write_three(disk);
  std::string bytes(kSegmentHeaderBytes, '\0');
  put_segment_header({}, bytes.data());
  bytes[8] = 2;
  const std::string path = disk.segment_files().front();
  {
    // The checksum is that of the new version, as its writer has it.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    char header[kSegmentHeaderBytes];
    file.read(header, sizeof header);
    header[8] = 2;
    const std::uint32_t crc = crc32c({header, kSegmentHeaderBytes - 4});
    for (std::size_t i = 0; i < 4; ++i) {
      header[kSegmentHeaderBytes - 4 + i] = static_cast<char>(crc >> (8 * i));
    }
    file.seekp(0);
    file.write(header, sizeof header);
  }
  const auto opened = Buffer::open(disk.storage, disk.clock, disk.options, {{.name = "one"}});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.find("version 2") != std::string::npos);
}

TEST_CASE("a segment that has gone is a gap, not an error", "[buffer]") {
  Disk disk;
  disk.options.segment_bytes = 1;
  disk.options.memory_bytes = 1;
  disk.open();
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(batch_of({text}));
    disk.commit();
  }
  disk.kill();
  std::filesystem::remove(disk.segment_files()[1]);
  disk.open();
  CHECK(disk.read() == Texts{"a"});
  CHECK(disk.read() == Texts{});
  CHECK(disk.gap == Gap{Lane::security, 2, 2});
  CHECK(disk.read() == Texts{"c"});
}

TEST_CASE("a cursor ahead of the log makes new frames come behind it", "[buffer]") {
  Disk disk;
  disk.open({{.name = "fast"}, {.name = "slow"}});
  disk.buffer->append(batch_of({"a", "b", "c"}));
  disk.read(0);
  disk.buffer->reader(0, Lane::security).acknowledge(1, 3);
  disk.commit();
  disk.kill();
  std::filesystem::remove(disk.segment_files().front());  // a power cut, under a lazy policy
  disk.open({{.name = "fast"}, {.name = "slow"}});
  disk.buffer->append(batch_of({"d"}));
  CHECK(disk.read(0) == Texts{"d"});
  CHECK(disk.first == 4);
  CHECK(disk.read(1) == Texts{});
  CHECK(disk.gap == Gap{Lane::security, 1, 3});
  CHECK(disk.read(1) == Texts{"d"});
}

}  // namespace sorrel::buffer
