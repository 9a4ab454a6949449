#include "input/text_source.h"

#include "catch.h"
#include "input/archive_stream.h"
#include "input/memory_stream.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::audit_line;
using test::audit_text;
using test::drain;

TextSource source_of(std::string text, std::size_t chunk = kDefaultChunkBytes,
                     std::size_t max_line = 65'536) {
  return TextSource(std::make_unique<MemoryStream>(std::move(text)),
                    {.chunk_bytes = chunk, .max_line_bytes = max_line});
}

TEST_CASE("a line of auditd's text becomes a datagram", "[text_source]") {
  auto source = source_of("node=web1 " + audit_line(7) + "\n");
  const auto drained = drain(source);
  REQUIRE_FALSE(drained.error);
  REQUIRE(drained.datagrams.size() == 1);
  const test::Kept& datagram = drained.datagrams[0];
  CHECK(datagram.type == record::type::kSyscall);
  CHECK(datagram.payload.find("audit(1700000000.123:7): arch=") == 0);
  CHECK(datagram.line == "node=web1 " + audit_line(7));
  CHECK(datagram.node == "web1");
  CHECK(datagram.received_ns == 0);
}

TEST_CASE("lines are cut the same wherever a chunk ends", "[text_source]") {
  using namespace std::string_literals;
  std::string text =
      audit_text(3) + "\n\r\n" + audit_line(4) + "\r\n" + "no record\0 with a NUL\n"s;
  text += std::string(50, 'x') + "\n" + audit_line(5);  // the last line has no newline
  const std::vector<std::string> expected{audit_line(1),
                                          audit_line(2),
                                          audit_line(3),
                                          audit_line(4) + "\r",
                                          "no record\0 with a NUL"s,
                                          std::string(50, 'x'),
                                          audit_line(5)};
  for (std::size_t chunk = 1; chunk <= text.size() + 1; ++chunk) {
    auto source = source_of(text, chunk);
    const auto drained = drain(source);
    REQUIRE_FALSE(drained.error);
    REQUIRE(drained.lines() == expected);
    REQUIRE(source.counts() == FileCounts{});
  }
}

TEST_CASE("a line that is no record comes with an empty payload", "[text_source]") {
  auto source = source_of("hello\n");
  const auto drained = drain(source);
  REQUIRE(drained.datagrams.size() == 1);
  CHECK(drained.datagrams[0].payload.empty());
  CHECK(drained.datagrams[0].line == "hello");
}

TEST_CASE("a line above the limit is cut there, the rest counted", "[text_source]") {
  constexpr std::size_t kLimit = 10;
  const struct {
    std::string text;
    std::vector<std::string> lines;
    FileCounts counts;
  } rows[] = {
      {"0123456789\nabc\n", {"0123456789", "abc"}, {}},
      {"0123456789\r\nabc\n", {"0123456789\r", "abc"}, {}},
      {"0123456789", {"0123456789"}, {}},
      {"0123456789\r", {"0123456789\r"}, {}},
      {"0123456789X\nabc\n", {"0123456789", "abc"}, {1, 1, 0}},
      {"0123456789X\r\nabc\n", {"0123456789", "abc"}, {1, 2, 0}},
      {"0123456789X", {"0123456789"}, {1, 1, 0}},
      {"0123456789 and a lot more than fits into any buffer here\nabc\n0123456789XY\n",
       {"0123456789", "abc", "0123456789"},
       {2, 48, 0}},
      {"0123456789 and never an end", {"0123456789"}, {1, 17, 0}},
  };
  for (const auto& row : rows) {
    for (std::size_t chunk = 1; chunk <= row.text.size() + 1; ++chunk) {
      CAPTURE(row.text, chunk);
      auto source = source_of(row.text, chunk, kLimit);
      REQUIRE(drain(source).lines() == row.lines);
      REQUIRE(source.counts() == row.counts);
    }
  }
}

TEST_CASE("a batch holds at most kMaxBatch datagrams", "[text_source]") {
  auto source = source_of(audit_text(1000));
  Batch batch;
  std::size_t total = 0;
  std::size_t largest = 0;
  while (true) {
    auto state = source.read(batch);
    REQUIRE(state);
    largest = std::max(largest, batch.size());
    total += batch.size();
    if (*state == ReadState::ended) break;
  }
  CHECK(total == 1000);
  CHECK(largest == kMaxBatch);
}

TEST_CASE("an empty file ends at once and stays ended", "[text_source]") {
  auto source = source_of("");
  CHECK(drain(source).datagrams.empty());
  CHECK(drain(source).datagrams.empty());
  CHECK(source.wait_fd() == -1);
  CHECK(source.next_ready_ns() == Source::kNever);
}

TEST_CASE("a cut archive gives every line before the error", "[text_source]") {
  const std::string text = audit_text(300) + "the last line has no newline";
  for (const test::Packing packing :
       {test::Packing::gzip, test::Packing::xz, test::Packing::zstd}) {
    std::string packed = test::pack(text, packing);
    packed.resize(packed.size() - 1);
    auto stream = decompress(std::make_unique<MemoryStream>(packed));
    REQUIRE(stream);
    TextSource source(*std::move(stream), {.chunk_bytes = 100});
    const auto drained = drain(source);
    CHECK(drained.datagrams.size() == 301);
    CHECK(drained.datagrams.back().line == "the last line has no newline");
    REQUIRE(drained.error);
    CHECK(drain(source).error);
  }
}

}  // namespace
}  // namespace sorrel::input
