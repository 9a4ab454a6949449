// What happens when others remove, rename, replace or cut the file, or its folder.
#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

namespace fs = std::filesystem;

TEST_CASE_METHOD(SinkFixture, "frames written to a file after its removal are saved", "[sink]") {
  open();
  write({"seen\n"});
  tick();
  fs::remove(options.path);
  write({"unseen 1\n", "unseen 2\n"});
  tick();
  write({"after\n"});
  CHECK(text() == "unseen 1\nunseen 2\nafter\n");
  CHECK(statistics().displacements.value() == 1);
  CHECK(statistics().removed.frames.value() == 0);
}

TEST_CASE_METHOD(SinkFixture, "frames that cannot be saved from a removed file are counted",
                 "[sink]") {
  open();
  fs::remove(options.path);
  write({"unseen 1\n", "unseen 2\n"});
  SECTION("the disk is full") {
    storage.space_bytes = 12;
  }
  SECTION("the removed file cannot be read") {
    storage.read_error = EIO;
  }
  tick();
  storage.space_bytes = FaultyStorage::kUnlimited;
  CHECK(text().empty());
  CHECK(statistics().removed.frames.value() == 2);
  CHECK(statistics().removed.bytes.value() == 18);
  write({"after\n"});
  CHECK(text() == "after\n");
}

TEST_CASE_METHOD(SinkFixture, "a removed file's frames wait until a file can be made again",
                 "[sink]") {
  open();
  fs::remove(options.path);
  write({"unseen\n"});
  storage.open_error = EMFILE;
  tick();
  write({"dropped\n"});
  CHECK(statistics().drop(DropReason::no_file).frames.value() == 1);
  storage.open_error = 0;
  tick();
  CHECK(text() == "unseen\n");
}

TEST_CASE_METHOD(SinkFixture, "a renamed file is left alone and a new one is begun", "[sink]") {
  open();
  write({"one\n"});
  fs::rename(options.path, folder / "taken");
  write({"two\n"});
  tick();
  write({"three\n"});
  CHECK(read_file(folder / "taken") == "one\ntwo\n");
  CHECK(text() == "three\n");
  CHECK(statistics().displacements.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "a file that someone put in its place is used", "[sink]") {
  open();
  write_file(folder / "other", "theirs\n");
  fs::rename(folder / "other", options.path);
  tick();
  write({"ours\n"});
  CHECK(text() == "theirs\nours\n");
}

TEST_CASE_METHOD(SinkFixture, "a symbolic link put in the file's place is not followed", "[sink]") {
  write_file(folder / "victim", "");
  open();
  fs::remove(options.path);
  fs::create_symlink(folder / "victim", options.path);
  tick();
  write({"secret\n"});
  CHECK(read_file(folder / "victim").empty());
  CHECK(statistics().dropped_frames() == 1);
  fs::remove(options.path);
  tick();
  write({"again\n"});
  CHECK(text() == "again\n");
}

TEST_CASE_METHOD(SinkFixture, "a vanished folder is made again and its last frames are saved",
                 "[sink]") {
  options.path = folder / "logs/audit.log";
  open();
  write({"one\n"});
  fs::remove_all(folder / "logs");
  tick();
  CHECK(text() == "one\n");
  write({"two\n"});
  CHECK(text() == "one\ntwo\n");
}

TEST_CASE_METHOD(SinkFixture, "frames are counted while the folder cannot be made again",
                 "[sink]") {
  fs::create_directories(folder / "mount/logs");
  options.path = folder / "mount/logs/audit.log";
  open();
  write({"one\n"});
  fs::rename(folder / "mount", folder / "unmounted");
  tick();
  CHECK(write({"two\n", "three\n"}) == Answer::acknowledged);
  CHECK(statistics().drop(DropReason::no_file).frames.value() == 2);
  fs::rename(folder / "unmounted", folder / "mount");
  tick();
  write({"four\n"});
  CHECK(text() == "one\nfour\n");
}

TEST_CASE_METHOD(SinkFixture, "without ticks, write tries a lost file once a second", "[sink]") {
  open();
  fs::remove(options.path);
  storage.open_error = EACCES;
  sink->tick();
  const std::uint64_t opens = storage.open_calls;
  for (int i = 0; i < 10; ++i) write({"lost\n"});
  CHECK(storage.open_calls == opens);
  storage.open_error = 0;
  clock.advance_ms(1000);
  write({"kept\n"});
  CHECK(text() == "kept\n");
  CHECK(statistics().dropped_frames() == 10);
}

TEST_CASE_METHOD(SinkFixture, "a file that others cut is written on from its new end", "[sink]") {
  open();
  write({"one\n", "two\n"});
  SECTION("to nothing, as logrotate's copytruncate does") {
    fs::resize_file(options.path, 0);
    tick();
    write({"three\n"});
    CHECK(text() == "three\n");
  }
  SECTION("within a line") {
    fs::resize_file(options.path, 6);
    tick();
    write({"three\n"});
    CHECK(text() == "one\ntw\nthree\n");
    CHECK(statistics().torn_lines.value() == 1);
  }
  CHECK(statistics().truncations.value() == 1);
  tick();
  CHECK(statistics().truncations.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "reopen goes over to the file that now has the name", "[sink]") {
  open();
  write({"one\n"});
  fs::rename(options.path, folder / "audit.log-20240101");
  sink->reopen();
  write({"two\n"});
  CHECK(read_file(folder / "audit.log-20240101") == "one\n");
  CHECK(text() == "two\n");
}

TEST_CASE_METHOD(SinkFixture, "reopen keeps the open file when it cannot be opened", "[sink]") {
  open();
  storage.open_error = EMFILE;
  sink->reopen();
  write({"one\n"});
  CHECK(text() == "one\n");
  CHECK(statistics().reopen_failures.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "a torn frame is still cut after the file was reopened", "[sink]") {
  open();
  storage.space_bytes = 3;
  storage.full_error = EIO;
  storage.truncate_error = EIO;
  write({"torn\n"});
  storage.space_bytes = FaultyStorage::kUnlimited;
  storage.truncate_error = 0;
  tick();
  write({"two\n"});
  CHECK(text() == "two\n");
}

}  // namespace
}  // namespace sorrel::sink
