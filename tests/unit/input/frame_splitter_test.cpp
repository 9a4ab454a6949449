#include "input/frame_splitter.h"

#include <algorithm>

#include "catch.h"
#include "input/line_splitter.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::frame;

constexpr std::size_t kPadded = FrameSplitter::kPaddedDataBytes;

// Feeds `bytes` in pieces of `piece` bytes.
std::vector<test::Kept> split(FrameSplitter& splitter, const std::string& bytes,
                              std::size_t piece) {
  CarryBuffer buffer(piece, FrameSplitter::kMaxCarriedBytes);
  std::vector<test::Kept> kept;
  Batch batch;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::size_t size = std::min(piece, bytes.size() - at);
    std::copy_n(bytes.data() + at, size, buffer.room().data());
    buffer.filled(size);
    do {
      batch.clear();
      splitter.split(buffer, batch);
      for (auto& datagram : test::keep(batch)) kept.push_back(std::move(datagram));
    } while (!batch.empty());
  }
  return kept;
}

const std::string kRaw = "audit(1700000000.123:7): arch=c000003e";

TEST_CASE("raw and formatted frames are cut wherever a piece ends", "[frame_splitter]") {
  for (const std::size_t padded_to : {std::size_t{0}, kPadded}) {
    const std::string bytes = frame(0, 1300, kRaw, padded_to) +
                              frame(1, 0, "node=n " + test::audit_line(8) + "\n", padded_to) +
                              frame(0, 1320, "audit(1700000000.123:7): ", padded_to);
    for (std::size_t piece = 1; piece <= (padded_to == 0 ? bytes.size() : 200); ++piece) {
      CAPTURE(padded_to, piece);
      FrameSplitter splitter;
      const auto kept = split(splitter, bytes, piece);
      REQUIRE(kept.size() == 3);
      REQUIRE(kept[0] == test::Kept{1300, kRaw, "", "", 0});
      REQUIRE(kept[1].type == 1300);
      REQUIRE(kept[1].line == "node=n " + test::audit_line(8));
      REQUIRE(kept[1].node == "n");
      REQUIRE(kept[2].payload == "audit(1700000000.123:7): ");
      REQUIRE(splitter.resyncs() == 0);
      REQUIRE(splitter.skipped_bytes() == 0);
    }
  }
}

TEST_CASE("the first frame is given before the second is there", "[frame_splitter]") {
  FrameSplitter splitter;
  CHECK(split(splitter, frame(0, 1300, kRaw), 1000).size() == 1);
}

TEST_CASE("data as long as the field hide the framing until the next frame", "[frame_splitter]") {
  const std::string full = kRaw + std::string(kPadded - kRaw.size(), 'x');
  for (const std::size_t padded_to : {std::size_t{0}, kPadded}) {
    FrameSplitter splitter;
    const std::string bytes = frame(0, 1300, full, padded_to) + frame(0, 1302, kRaw, padded_to) +
                              frame(0, 1320, kRaw, padded_to);
    CHECK(split(splitter, bytes, 500).size() == 3);
    CHECK(splitter.resyncs() == 0);
  }
}

TEST_CASE("after half a frame the next whole one is found", "[frame_splitter]") {
  for (const std::size_t padded_to : {std::size_t{0}, kPadded}) {
    const std::string whole = frame(0, 1300, kRaw, padded_to);
    for (std::size_t lost = 1; lost < 16 + kRaw.size(); ++lost) {
      const std::string bytes =
          whole + whole + whole.substr(0, whole.size() - lost) + whole + whole + whole;
      for (const std::size_t piece : {std::size_t{7}, bytes.size()}) {
        CAPTURE(padded_to, lost, piece);
        FrameSplitter splitter;
        const auto kept = split(splitter, bytes, piece);
        // The damaged one may swallow the beginning of its successor, no more.
        REQUIRE(kept.size() >= 5);
        REQUIRE(kept.back() == test::Kept{1300, kRaw, "", "", 0});
        REQUIRE(splitter.resyncs() == 1);
        REQUIRE(splitter.skipped_bytes() > 0);
      }
    }
  }
}

TEST_CASE("a header that cannot be is skipped", "[frame_splitter]") {
  const std::string good = frame(0, 1300, kRaw);
  const std::uint32_t too_long = FrameSplitter::kMaxDataBytes + 1;
  std::string long_header = frame(0, 1300, "");
  std::copy_n(reinterpret_cast<const char*>(&too_long), 4, long_header.data() + 12);
  for (const std::string& bad : {frame(2, 1300, kRaw), frame(0, 0x10000, kRaw), long_header,
                                 frame(0, 1300, "no record begins so")}) {
    FrameSplitter splitter;
    const auto kept = split(splitter, good + good + bad + good, 11);
    CHECK(kept.size() == 3);
    CHECK(splitter.resyncs() == 1);
    CHECK(splitter.skipped_bytes() == bad.size());
  }
}

TEST_CASE("frames that are no events are skipped and counted", "[frame_splitter]") {
  FrameSplitter splitter;
  const auto kept =
      split(splitter,
            frame(0, 1000, "audit(1.000:1): ") + frame(0, record::type::kReplace, "0") +
                frame(1, 0, "") + frame(0, 1300, kRaw),
            5);
  CHECK(kept.size() == 1);
  CHECK(splitter.skipped_records() == 2);
}

TEST_CASE("the longest data fit", "[frame_splitter]") {
  FrameSplitter splitter;
  const std::string data = kRaw + std::string(FrameSplitter::kMaxDataBytes - kRaw.size(), 'x');
  CHECK(split(splitter, frame(0, 1300, data) + frame(0, 1300, data), 4096).size() == 2);
  CHECK(splitter.resyncs() == 0);
}

}  // namespace
}  // namespace sorrel::input
