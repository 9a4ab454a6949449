#include <fstream>
#include <sstream>

#include "buffer/block_codec.h"
#include "buffer/crc32c.h"
#include "buffer/cursor_file.h"
#include "buffer_fixture.h"

namespace sorrel::buffer {
namespace {

Block sample_block() {
  Block block;
  block.first = 42;
  for (const std::string& text :
       {std::string("{\"ID\":\"1.000:1\"}\n"), std::string("type=CWD\n")}) {
    FrameHeader frame;
    frame.event_uid[0] = 0x0123456789abcdef;
    frame.event_uid[1] = 0xfedcba9876543210;
    frame.time_ns = 1'626'352'163'720'000'000;
    frame.partition_key = 77;
    frame.outputs = 5;
    frame.size_bytes = static_cast<std::uint32_t>(text.size());
    frame.severity = 4;
    frame.lane = Lane::first;
    block.frames.push_back(frame);
    block.bytes += text;
  }
  block.frames[1].format = Format::raw;
  return block;
}

std::string encode(const Block& block, BlockEncoder& encoder, const SegmentCipher* cipher = nullptr,
                   std::uint32_t number = 0) {
  const BlockEncoder::Encoded encoded = encoder.encode(block, number, cipher);
  return std::string(encoded.head).append(encoded.tail);
}

void check_equal(const Block& got, const Block& wanted) {
  CHECK(got.first == wanted.first);
  CHECK(got.bytes == wanted.bytes);
  REQUIRE(got.frames.size() == wanted.frames.size());
  for (std::size_t i = 0; i < got.frames.size(); ++i) {
    const FrameHeader& a = got.frames[i];
    const FrameHeader& b = wanted.frames[i];
    CHECK(a.sequence == wanted.first + i);
    CHECK(a.event_uid[0] == b.event_uid[0]);
    CHECK(a.event_uid[1] == b.event_uid[1]);
    CHECK(a.time_ns == b.time_ns);
    CHECK(a.partition_key == b.partition_key);
    CHECK(a.outputs == b.outputs);
    CHECK(a.size_bytes == b.size_bytes);
    CHECK(a.format == b.format);
    CHECK(a.severity == b.severity);
    CHECK(a.lane == b.lane);
  }
}

}  // namespace

TEST_CASE("CRC32C has the values of RFC 3720, with and without the instruction", "[buffer]") {
  const std::string zeros(32, '\0');
  const std::string ones(32, '\xff');
  CHECK(crc32c(zeros) == 0x8a9136aa);
  CHECK(crc32c(ones) == 0x62a8ab43);
  CHECK(crc32c("123456789") == 0xe3069283);
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += static_cast<char>(i * 7);
    CHECK(crc32c(text) == crc32c_portable(text));
    CHECK(crc32c(text.substr(i / 2u), crc32c(text.substr(0, i / 2u))) == crc32c(text));
  }
}

TEST_CASE("a block comes back as it was: plain, packed, ciphered", "[buffer]") {
  std::array<unsigned char, kSaltBytes> salt{};
  salt[3] = 9;
  const SegmentCipher cipher(std::string(32, 'k'), salt);
  Block block = sample_block();
  SECTION("small") {}
  SECTION("large, so that packing gains") {
    block.bytes += std::string(100'000, 'x');
    block.frames.back().size_bytes += 100'000;
  }
  for (const int level : {0, 1, 3}) {
    for (const SegmentCipher* with : {static_cast<const SegmentCipher*>(nullptr), &cipher}) {
      BlockEncoder encoder(level);
      encode(sample_block(), encoder, with);  // what it leaves behind must not be seen
      const std::string bytes = encode(block, encoder, with, 3);
      const std::string_view stored = bytes;
      const auto header = parse_block_header(stored);
      REQUIRE(header);
      CHECK(header->number == 3);
      CHECK(header->stored_bytes == stored.size() - kBlockHeaderBytes);
      const std::string payload(stored.substr(kBlockHeaderBytes));
      const auto got = decode_block(*header, Lane::first, payload, with);
      REQUIRE(got);
      check_equal(*got, block);
      CHECK_FALSE(decode_block(*header, Lane::first, payload.substr(1), with));
      std::string damaged(payload);
      damaged[damaged.size() / 2] ^= 1;
      CHECK_FALSE(decode_block(*header, Lane::first, damaged, with));
      // With a right checksum, as somebody who wants to deceive would have it.
      BlockHeader forged = *header;
      forged.payload_crc = crc32c(damaged);
      if (with != nullptr) CHECK_FALSE(decode_block(forged, Lane::first, damaged, with));
      forged = *header;
      forged.first_sequence += 1;
      if (with != nullptr) CHECK_FALSE(decode_block(forged, Lane::first, payload, with));
    }
  }
}

TEST_CASE("a header that is damaged or impossible is none", "[buffer]") {
  BlockEncoder encoder(0);
  const std::string bytes = encode(sample_block(), encoder);
  REQUIRE(parse_block_header(bytes));
  for (std::size_t i = 0; i < kBlockHeaderBytes; ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    CAPTURE(i);
    CHECK_FALSE(parse_block_header(damaged));
  }
  CHECK_FALSE(parse_block_header(std::string_view(bytes).substr(0, kBlockHeaderBytes - 1)));
  BlockHeader impossible = *parse_block_header(bytes);
  const auto is_refused = [](const BlockHeader& header) {
    std::string out(kBlockHeaderBytes, '\0');
    put_block_header(header, out.data());
    return !parse_block_header(out);
  };
  CHECK_FALSE(is_refused(impossible));
  impossible.count = 0;
  CHECK(is_refused(impossible));
  impossible.count = 1'000'000;  // more than the payload has room for
  CHECK(is_refused(impossible));
  impossible.count = 2;
  impossible.stored_bytes = kMaxBlockBytes + 1;
  CHECK(is_refused(impossible));
}

TEST_CASE("a segment's name sorts as its sequence and is read back only as we write it",
          "[buffer]") {
  CHECK(segment_file_name({42, 1}) == "00000000000000000042.0001.seg");
  CHECK(segment_file_name({9, 0}) < segment_file_name({10, 0}));
  CHECK(parse_segment_name("00000000000000000042.0001.seg") == SegmentName{42, 1});
  for (const char* text : {"", ".seg", "42.0001.seg", "00000000000000000042.seg", "x.0001.seg",
                           "00000000000000000042.0001.sega", "00000000000000000042.1.seg",
                           "-0000000000000000042.0001.seg", "99999999999999999999.0001.seg"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_segment_name(text));
  }
}

TEST_CASE("a segment of another version, or none, is told apart", "[buffer]") {
  std::string bytes(kSegmentHeaderBytes, '\0');
  put_segment_header({.lane = 2, .is_encrypted = true, .first_sequence = 5, .created_ns = 6},
                     bytes.data());
  const auto header = parse_segment_header(bytes);
  REQUIRE(header);
  CHECK(header->lane == 2);
  CHECK(header->is_encrypted);
  CHECK(header->first_sequence == 5);
  std::string newer = bytes;
  newer[8] = 9;
  const std::uint32_t crc = crc32c({newer.data(), kSegmentHeaderBytes - 4});
  for (std::size_t i = 0; i < 4; ++i)
    newer[kSegmentHeaderBytes - 4 + i] = static_cast<char>(crc >> (8 * i));
  CHECK(parse_segment_header(newer).error().code == std::errc::not_supported);
  CHECK(parse_segment_header(bytes.substr(1)).error().code == std::errc::illegal_byte_sequence);
  CHECK_FALSE(parse_segment_header(std::string(200, 'x')));
}

// The bytes of version 1, so that a later program still reads them. New: SORREL_UPDATE_GOLDEN=1.
TEST_CASE("the format of version 1 stays as it is", "[buffer]") {
  std::string bytes(kSegmentHeaderBytes, '\0');
  put_segment_header({.lane = 0, .is_encrypted = false, .first_sequence = 42, .created_ns = 1000},
                     bytes.data());
  BlockEncoder encoder(0);
  bytes += encode(sample_block(), encoder);
  bytes += CursorFile::put_slot({.generation = 3, .acked = 41});
  const std::string path = SORREL_TEST_DIR "/golden/buffer/version-1.bin";
  if (std::getenv("SORREL_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::stringstream golden;
  golden << std::ifstream(path, std::ios::binary).rdbuf();
  CHECK(golden.str() == bytes);
}

TEST_CASE("a note of a cursor is the next process's, and leaves the safe slot", "[buffer]") {
  const sorrel::test::TempFolder folder;
  OsStorage storage;
  {
    auto opened = CursorFile::open(storage, folder.path(), "o.cursor");
    REQUIRE(opened);
    REQUIRE(opened->file.save(10));
    for (const std::uint64_t acked : {20, 30, 40}) REQUIRE(opened->file.note(acked));
  }
  std::stringstream bytes;
  bytes << std::ifstream(folder.path() + "/o.cursor", std::ios::binary).rdbuf();
  const auto slot = [text = bytes.str()](std::size_t index) {
    return CursorFile::parse_slot(std::string_view(text).substr(index * CursorFile::kSlotBytes));
  };
  REQUIRE(slot(1));
  CHECK(slot(1)->acked == 10);
  REQUIRE(slot(0));
  CHECK(slot(0)->acked == 40);
  auto opened = CursorFile::open(storage, folder.path(), "o.cursor");
  REQUIRE(opened);
  CHECK(opened->acked == 40);
}

TEST_CASE("a cursor survives a torn write of one slot", "[buffer]") {
  const sorrel::test::TempFolder folder;
  OsStorage storage;
  const std::string path = folder.path() + "/o.cursor";
  {
    auto opened = CursorFile::open(storage, folder.path(), "o.cursor");
    REQUIRE(opened);
    CHECK_FALSE(opened->acked);
    REQUIRE(opened->file.save(10));
    REQUIRE(opened->file.save(20));
    REQUIRE(opened->file.save(30));
  }
  const auto acked = [&] {
    auto opened = CursorFile::open(storage, folder.path(), "o.cursor");
    REQUIRE(opened);
    return std::pair(opened->acked, opened->is_damaged);
  };
  CHECK(acked() == std::pair(std::optional<std::uint64_t>(30), false));
  const auto damage = [&](std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.put('!');
  };
  damage(512 + 30);  // generation 3 is in the second slot
  CHECK(acked() == std::pair(std::optional<std::uint64_t>(20), false));
  damage(30);
  CHECK(acked() == std::pair(std::optional<std::uint64_t>(), true));
}

}  // namespace sorrel::buffer
