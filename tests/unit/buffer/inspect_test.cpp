#include "buffer/inspect.h"

#include <fstream>

#include "buffer_fixture.h"

namespace sorrel::buffer {

TEST_CASE("a look from outside finds every frame, and what is damaged", "[buffer]") {
  test::Disk disk;
  disk.open({{.name = "one"}, {.name = "two"}});
  for (const char* text : {"a", "b", "c"}) {
    disk.buffer->append(test::batch_of({text}));
    disk.commit();
  }
  disk.buffer->append(test::batch_of({"f"}, Lane::first));
  disk.buffer->reader(1, Lane::security).acknowledge(1, 2);
  disk.buffer->close();
  std::string seen;
  const auto look = [&] {
    seen.clear();
    return inspect(
        disk.storage, {.path = disk.options.path, .secret = {}},
        [&](const std::string& lane, const Block& block) { seen += lane[0] + block.bytes; });
  };
  const auto lanes = look();
  REQUIRE(lanes);
  CHECK(seen == "ffsasbsc");
  const LaneReport& security = (*lanes)[1];
  CHECK(security.name == "security");
  REQUIRE(security.segments.size() == 1);
  CHECK(security.segments[0].blocks == 3);
  CHECK(security.segments[0].first == 1);
  CHECK(security.segments[0].last == 3);
  CHECK(security.segments[0].damaged == 0);
  REQUIRE(security.cursors.size() == 2);
  CHECK(security.cursors[0].acked == 0);
  CHECK(security.cursors[1].output == "two");
  CHECK(security.cursors[1].acked == 2);

  std::fstream(security.segments[0].path, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(static_cast<std::streamoff>(kSegmentHeaderBytes + kBlockHeaderBytes + 5))
      .put('!');
  const auto damaged = look();
  REQUIRE(damaged);
  CHECK((*damaged)[1].segments[0].damaged == 1);
  CHECK((*damaged)[1].segments[0].blocks == 2);
  CHECK_FALSE(inspect(disk.storage, {.path = disk.folder.path(), .secret = {}}));
}

TEST_CASE("a buffer is one process's at a time", "[buffer]") {
  const sorrel::test::TempFolder folder;
  auto lock = lock_buffer(folder.path());
  REQUIRE(lock);
  const auto second = lock_buffer(folder.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == std::errc::device_or_resource_busy);
  lock->reset();
  CHECK(lock_buffer(folder.path()));
}

}  // namespace sorrel::buffer
