#include "sink/file_sink.h"

#include <sys/resource.h>

#include "catch.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

TEST_CASE_METHOD(SinkFixture, "a batch is appended with one write", "[sink]") {
  write_file(options.path, "old\n");
  open();
  CHECK(write({"one\n", "two\n", "three\n"}) == Answer::acknowledged);
  CHECK(write({"four\n"}) == Answer::acknowledged);
  CHECK(text() == "old\none\ntwo\nthree\nfour\n");
  CHECK(storage.write_calls == 2);
  CHECK(statistics().batches.value() == 2);
  CHECK(statistics().written.frames.value() == 4);
  CHECK(statistics().written.bytes.value() == 19);
  CHECK(statistics().dropped_frames() == 0);
}

TEST_CASE_METHOD(SinkFixture, "an empty batch writes nothing", "[sink]") {
  open();
  CHECK(write({}) == Answer::acknowledged);
  CHECK(storage.write_calls == 0);
  CHECK(statistics().batches.value() == 0);
}

TEST_CASE_METHOD(SinkFixture, "the line prefix stands before each line of each frame", "[sink]") {
  options.line_prefix = "@cee: ";
  open();
  write({"one\n", "two\ntoo\n"});
  CHECK(text() == "@cee: one\n@cee: two\n@cee: too\n");
  CHECK(storage.write_calls == 1);
  CHECK(statistics().written.frames.value() == 2);
  CHECK(statistics().written.bytes.value() == text().size());
}

TEST_CASE_METHOD(SinkFixture, "a large batch with a prefix uses a bounded number of parts",
                 "[sink]") {
  options.line_prefix = "> ";
  open();
  buffer::FrameBatch batch;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string line = std::to_string(i) + "\n";
    add_frame(batch, line);
    expected += "> " + line;
  }
  sink->write(batch);
  CHECK(text() == expected);
  CHECK(storage.most_parts == Storage::kMaxParts);
  CHECK(storage.write_calls == 4);
}

TEST_CASE_METHOD(SinkFixture, "short and interrupted writes are completed", "[sink]") {
  const std::string prefix = GENERATE(as<std::string>{}, "", "#");
  const std::uint64_t size = GENERATE(1u, 2u, 3u, 7u);
  options.line_prefix = prefix;
  open();
  storage.max_write_bytes = size;
  storage.write_errors = {EINTR, 0, EINTR, EINTR};
  CHECK(write({"one\n", "second\n", "3\n"}) == Answer::acknowledged);
  CHECK(text() == prefix + "one\n" + prefix + "second\n" + prefix + "3\n");
  CHECK(statistics().written.frames.value() == 3);
  CHECK(statistics().dropped_frames() == 0);
}

TEST_CASE_METHOD(SinkFixture, "a full disk keeps whole frames and counts the rest", "[sink]") {
  const std::string prefix = GENERATE(as<std::string>{}, "", "@: ");
  options.line_prefix = prefix;
  const std::string first = prefix + "first\n";
  const std::string second = prefix + "second\n";
  // Each place at which the disk may be full.
  for (std::uint64_t space = 0; space <= first.size() + second.size(); ++space) {
    CAPTURE(space);
    std::filesystem::remove(options.path);
    storage.space_bytes = FaultyStorage::kUnlimited;
    open();
    storage.space_bytes = space;
    CHECK(write({"first\n", "second\n"}) == Answer::acknowledged);
    const std::string expected = space < first.size()                   ? ""
                                 : space < first.size() + second.size() ? first
                                                                        : first + second;
    CHECK(text() == expected);
    CHECK(statistics().written.bytes.value() == expected.size());
    CHECK(statistics().drop(DropReason::no_space).bytes.value() ==
          first.size() + second.size() - expected.size());
    CHECK(statistics().written.frames.value() + statistics().dropped_frames() == 2);
  }
}

TEST_CASE_METHOD(SinkFixture, "the first batch after the disk has room again is written",
                 "[sink]") {
  open();
  storage.space_bytes = 5;
  write({"before\n"});
  write({"before\n"});
  CHECK(statistics().drop(DropReason::no_space).frames.value() == 2);
  storage.space_bytes = FaultyStorage::kUnlimited;
  CHECK(write({"after\n"}) == Answer::acknowledged);
  CHECK(text() == "after\n");
}

TEST_CASE_METHOD(SinkFixture, "each cause of a loss has its own counter", "[sink]") {
  struct Row {
    int error;
    DropReason reason;
  };
  const Row row = GENERATE(values<Row>({{ENOSPC, DropReason::no_space},
                                        {EDQUOT, DropReason::quota},
                                        {EFBIG, DropReason::too_large},
                                        {EIO, DropReason::io_error},
                                        {EROFS, DropReason::read_only},
                                        {ESTALE, DropReason::no_file},
                                        {EBADF, DropReason::other}}));
  CAPTURE(row.error, drop_reason_name(row.reason));
  open();
  storage.write_error = row.error;
  CHECK(write({"a\n", "bc\n"}) == Answer::acknowledged);
  CHECK(statistics().drop(row.reason).frames.value() == 2);
  CHECK(statistics().drop(row.reason).bytes.value() == 5);
  CHECK(statistics().dropped_frames() == 2);
  storage.write_error = 0;
  tick();
  write({"later\n"});
  CHECK(text() == "later\n");
}

TEST_CASE_METHOD(SinkFixture, "a disk error opens the file anew within a second", "[sink]") {
  open();
  storage.write_error = EIO;
  write({"lost\n"});
  storage.write_error = 0;
  const std::uint64_t opens = storage.open_calls;
  tick();
  CHECK(storage.open_calls == opens + 1);
  write({"kept\n"});
  tick();
  CHECK(storage.open_calls == opens + 1);
  CHECK(text() == "kept\n");
}

TEST_CASE_METHOD(SinkFixture, "a torn frame that cannot be cut now is cut before the next",
                 "[sink]") {
  open();
  write({"one\n"});
  storage.space_bytes = 2;
  storage.truncate_error = EIO;
  write({"torn\n"});
  CHECK(text() == "one\nto");
  storage.space_bytes = FaultyStorage::kUnlimited;
  storage.truncate_error = 0;
  write({"two\n"});
  CHECK(text() == "one\ntwo\n");
  CHECK(statistics().torn_lines.value() == 0);
}

TEST_CASE_METHOD(SinkFixture, "a torn frame that can never be cut gets an end to its line",
                 "[sink]") {
  open();
  storage.space_bytes = 2;
  storage.truncate_error = EPERM;  // chattr +a
  write({"torn\n"});
  storage.space_bytes = FaultyStorage::kUnlimited;
  write({"two\n"});
  CHECK(text() == "to\ntwo\n");
  CHECK(statistics().torn_lines.value() == 1);
  CHECK(statistics().written.frames.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "cutting a torn frame never cuts another writer's line", "[sink]") {
  open();
  storage.space_bytes = 2;
  storage.truncate_error = EIO;
  write({"torn\n"});
  std::ofstream(options.path, std::ios::app) << "\nof someone else\n";
  storage.space_bytes = FaultyStorage::kUnlimited;
  storage.truncate_error = 0;
  write({"two\n"});
  CHECK(text() == "to\nof someone else\n\ntwo\n");
}

TEST_CASE_METHOD(SinkFixture, "half a line that an earlier run left gets an end", "[sink]") {
  write_file(options.path, "whole\nhal");
  open();
  write({"next\n"});
  CHECK(text() == "whole\nhal\nnext\n");
  CHECK(statistics().torn_lines.value() == 1);
}

TEST_CASE_METHOD(SinkFixture, "a file size limit drops with a count and does not end the process",
                 "[sink]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  open();
  const rlimit small{.rlim_cur = 6, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  write({"1234\n", "5678\n"});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(text() == "1234\n");
  CHECK(statistics().drop(DropReason::too_large).frames.value() == 1);
}

}  // namespace
}  // namespace sorrel::sink
