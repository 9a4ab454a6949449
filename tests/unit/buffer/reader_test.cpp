#include "buffer/reader.h"

#include <random>
#include <set>

#include "buffer_fixture.h"

namespace sorrel::buffer {

TEST_CASE("acknowledgements in any order move the cursor to the first hole", "[buffer]") {
  test::Disk disk;
  disk.open();
  Reader& reader = disk.buffer->reader(0, Lane::security);
  std::mt19937_64 random(1);
  std::set<std::uint64_t> answered;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t first = reader.acked() + 1 + random() % 40;
    const std::uint64_t last = first + random() % 4;
    reader.acknowledge(first, last);
    for (std::uint64_t sequence = first; sequence <= last; ++sequence) answered.insert(sequence);
    // The plain way to say the same.
    std::uint64_t expected = *answered.begin() == 1 ? 0 : reader.acked();
    if (expected == 0) {
      for (const std::uint64_t sequence : answered) {
        if (sequence != expected + 1) break;
        expected = sequence;
      }
    }
    if (*answered.begin() == 1) REQUIRE(reader.acked() == expected);
    if (answered.size() > 400) break;
  }
  CHECK(reader.acked() > 50);
}

TEST_CASE("a reader that lags takes frames from the disk until memory has them", "[buffer]") {
  test::Disk disk;
  disk.options.commit_bytes = 100;
  disk.options.memory_bytes = 2'000;
  disk.open();
  std::vector<std::string> all;
  for (int i = 0; i < 200; ++i) {
    all.push_back("frame " + std::to_string(i));
    disk.buffer->append(test::batch_of({all.back()}));
    if (i % 7 == 0) disk.commit();
  }
  disk.commit();
  std::vector<std::string> got;
  for (;;) {
    const auto some = disk.read(0, Lane::security, 64);
    if (some.empty()) break;
    got.insert(got.end(), some.begin(), some.end());
  }
  CHECK(got == all);
  CHECK(disk.loads > 5);
  CHECK(disk.gap == Gap{});
}

}  // namespace sorrel::buffer
