#include <sys/stat.h>

#include <chrono>

#include "catch.h"
#include "sink/rotation.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

namespace fs = std::filesystem;

TEST_CASE_METHOD(SinkFixture, "a file is rotated after the batch that made it too large",
                 "[sink]") {
  options.rotate_size_bytes = 8;
  options.generations = 2;
  open();
  write({"1234567\n"});  // as large as allowed
  CHECK(statistics().rotations.value() == 0);
  write({"a\n", "b\n"});
  CHECK(statistics().rotations.value() == 1);
  CHECK(text().empty());
  CHECK(generation(1) == "1234567\na\nb\n");
  write({"second one\n"});
  write({"third one\n"});
  CHECK(generation(1) == "third one\n");
  CHECK(generation(2) == "second one\n");
  CHECK_FALSE(fs::exists(folder / "audit.log.3"));
  CHECK_FALSE(fs::exists(folder / "audit.log.tmp"));
}

TEST_CASE_METHOD(SinkFixture, "a rotated file is synced once, and never an event", "[sink]") {
  options.rotate_size_bytes = 10;
  open();
  for (int i = 0; i < 5; ++i) write({"12\n"});
  CHECK(storage.sync_calls == 1);
  CHECK(statistics().rotations.value() == 1);
  storage.sync_error = EIO;
  write({"a longer line\n"});
  CHECK(statistics().rotations.value() == 2);
  CHECK(statistics().sync_failures.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "a file is rotated by the age of its first line", "[sink]") {
  options.rotate_age_s = 60;
  open();
  clock.advance_ms(100'000);
  sink->tick();  // an empty file has no age
  CHECK(statistics().rotations.value() == 0);
  write({"one\n"});
  clock.advance_ms(59'999);
  sink->tick();
  CHECK(statistics().rotations.value() == 0);
  clock.advance_ms(1);
  sink->tick();
  CHECK(statistics().rotations.value() == 1);
  CHECK(generation(1) == "one\n");
}

TEST_CASE_METHOD(SinkFixture, "the age of a file survives a restart", "[sink]") {
  options.rotate_age_s = 60;
  write_file(options.path, "one\n");
  SECTION("by its birth time") {
    FileStatus status;
    storage.status(options.path, status);
    if (status.birth_ns == 0) {
      WARN("skipped: the temporary folder's file system keeps no birth times");
      return;
    }
    // Its last write says nothing of its age.
    fs::last_write_time(options.path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  }
  SECTION("by the last write to path.1, where there is no birth time") {
    write_file(options.path + ".1", "zero\n");
    fs::last_write_time(options.path, fs::file_time_type::clock::now() + std::chrono::hours(1));
    storage.hides_birth = true;
  }
  SECTION("by its last write, where there is nothing else") {
    storage.hides_birth = true;
  }
  clock.set_realtime_ns(SystemClock().realtime_ns() + 50'000'000'000);
  open();
  sink->tick();
  CHECK(statistics().rotations.value() == 0);
  clock.advance_ms(10'000);
  sink->tick();
  CHECK(statistics().rotations.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "a clock that was set back does not rotate", "[sink]") {
  options.rotate_age_s = 60;
  open();
  write({"one\n"});
  clock.set_realtime_ns(1'000'000'000);
  sink->tick();
  CHECK(statistics().rotations.value() == 0);
}

TEST_CASE_METHOD(SinkFixture, "a failing rotation stops no event and replaces no generation",
                 "[sink]") {
  options.rotate_size_bytes = 4;
  options.generations = 3;
  open();
  write({"first\n"});
  write({"second\n"});
  write({"third\n"});
  storage.rename_error = EACCES;
  SECTION("the oldest cannot be renamed") {
    storage.rename_error_to = options.path + ".3";
    fs::remove(options.path + ".3");
    write_file(options.path + ".3", "first\n");
  }
  SECTION("one in the middle") {
    storage.rename_error_to = options.path + ".2";
  }
  SECTION("the current one") {
    storage.rename_error_to = options.path + ".1";
  }
  SECTION("the new one cannot be put in place") {
    storage.rename_error_to = options.path;
  }
  SECTION("the new one cannot be made") {
    storage.rename_error = 0;
    storage.open_error = ENOSPC;
  }
  const std::uint64_t rotations = statistics().rotations.value();
  write({"fourth\n"});
  write({"fifth\n"});  // not tried again within the second
  CHECK(statistics().rotations.value() == rotations);
  CHECK(statistics().rotation_failures.value() == 1);
  CHECK_FALSE(fs::exists(folder / "audit.log.tmp"));

  storage.rename_error = 0;
  storage.open_error = 0;
  tick();
  write({"sixth\n"});
  write({"7\n"});
  CHECK(statistics().dropped_frames() == 0);
  std::string all;
  for (unsigned number = 3; number > 0; --number) all += generation(number);
  all += text();
  // The oldest may have made room for the newest, but nothing is lost out of the middle.
  CHECK("first\nsecond\nthird\nfourth\nfifth\nsixth\n7\n" ==
        std::string(all.starts_with("first") ? "" : "first\n") +
            (all.starts_with("third") ? "second\n" : "") + all);
}

TEST_CASE_METHOD(SinkFixture, "a rotation that fails at its end is undone", "[sink]") {
  options.rotate_size_bytes = 4;
  open();
  storage.rename_error = EDQUOT;
  storage.rename_error_from = options.path + ".tmp";
  write({"first\n"});
  CHECK(statistics().rotation_failures.value() == 1);
  CHECK(text() == "first\n");
  CHECK_FALSE(fs::exists(options.path + ".1"));
}

TEST_CASE_METHOD(SinkFixture, "generations move up to the first gap only", "[sink]") {
  write_file(options.path + ".1", "one");
  write_file(options.path + ".2", "two");
  write_file(options.path + ".4", "four");
  REQUIRE(shift_generations(storage, options.path, 5).has_value());
  CHECK(generation(2) == "one");
  CHECK(generation(3) == "two");
  CHECK(generation(4) == "four");
  CHECK_FALSE(fs::exists(options.path + ".5"));
  CHECK_FALSE(fs::exists(options.path + ".1"));
}

TEST_CASE_METHOD(SinkFixture, "our frames are saved before a file that replaced ours is rotated",
                 "[sink]") {
  options.rotate_size_bytes = 4;
  open();
  write_file(folder / "other", "abc\n");
  fs::rename(folder / "other", options.path);
  write({"ours, and too large\n"});
  CHECK(generation(1) == "abc\nours, and too large\n");
  CHECK(text().empty());
}

TEST_CASE_METHOD(SinkFixture, "a rotated file and the new one have the configured mode", "[sink]") {
  options.rotate_size_bytes = 1;
  options.mode = 0640;
  open();
  write({"one\n"});
  for (const std::string& path : {options.path, options.path + ".1"}) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0640);
  }
}

}  // namespace
}  // namespace sorrel::sink
