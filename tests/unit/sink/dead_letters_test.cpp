#include "sink/dead_letters.h"

#include <filesystem>

#include "catch.h"
#include "sink/base64.h"
#include "sink/dead_letter_file.h"
#include "sink_fixture.h"

namespace sorrel::sink {
namespace {

struct LettersFixture {
  LettersFixture() {
    set_log_level(static_cast<Level>(9));
    header.sequence = 7;
    header.event_uid[0] = 0x0123456789abcdef;
    header.event_uid[1] = 0xfedcba9876543210;
    header.time_ns = 1'795'737'599'123'000'000;
    header.lane = buffer::Lane::bulk;
    header.severity = 4;
    header.format = buffer::Format::raw;
  }
  TempFolder folder;
  std::string path = folder / "central.json";
  DeadLetters letters{"central", path};
  buffer::FrameHeader header;
};

}  // namespace

TEST_CASE("base64 goes there and back, and nothing else is taken", "[dead_letters]") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(decode_base64(encode_base64(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
  CHECK(encode_base64("fo") == "Zm8=");
  for (const char* const wrong :
       {"Zg", "Zg=", "Zg=a", "Z===", "====", "Zh==", "Zm9=", "Z*==", "Zm8=Zm8="}) {
    CAPTURE(wrong);
    CHECK_FALSE(decode_base64(wrong));
  }
}

TEST_CASE_METHOD(LettersFixture, "a dead letter is read as it was", "[dead_letters]") {
  const std::string bytes("a frame\0 of \"bytes\"\xff\n", 22);
  letters.add(header, bytes, "it says \"no\"");
  letters.add(header, "another\n", "no");
  const auto file = read_dead_letters(path);
  REQUIRE(file);
  CHECK(file->unreadable.empty());
  CHECK(file->size == std::filesystem::file_size(path));
  REQUIRE(file->letters.size() == 2);
  const DeadLetter& letter = file->letters.front();
  CHECK(letter.bytes == bytes);
  CHECK(letter.reason == "it says \"no\"");
  CHECK(letter.header.sequence == 7);
  CHECK(letter.header.event_uid[0] == header.event_uid[0]);
  CHECK(letter.header.event_uid[1] == header.event_uid[1]);
  CHECK(letter.header.time_ns == header.time_ns);
  CHECK(letter.header.lane == buffer::Lane::bulk);
  CHECK(letter.header.severity == 4);
  CHECK(letter.header.format == buffer::Format::raw);
  CHECK(letter.header.size_bytes == bytes.size());
  CHECK(letter.line + "\n" + file->letters.back().line + "\n" == read_file(path));
}

TEST_CASE_METHOD(LettersFixture, "lines that are no dead letters are kept apart",
                 "[dead_letters]") {
  letters.add(header, "a frame", "no");
  const std::string line = read_file(path);
  std::string text = "nonsense\n{}\n" + line;
  for (const char* const key :
       {"lane", "sequence", "time_ns", "severity", "format", "event_uid", "frame"}) {
    std::string without = line;
    without.replace(without.find(key), 1, "_");
    text += without;
  }
  write_file(path, text);
  const auto file = read_dead_letters(path);
  REQUIRE(file);
  CHECK(file->letters.size() == 1);
  CHECK(file->unreadable.size() == 9);
  CHECK_FALSE(read_dead_letters(folder / "missing"));
}

TEST_CASE_METHOD(LettersFixture, "a file of dead letters that was moved away is begun anew",
                 "[dead_letters]") {
  letters.add(header, "one", "no");
  std::filesystem::rename(path, folder / "moved");
  letters.add(header, "two", "no");
  CHECK(read_dead_letters(folder / "moved")->letters.size() == 1);
  REQUIRE(read_dead_letters(path));
  CHECK(read_dead_letters(path)->letters.front().bytes == "two");
  CHECK(letters.counters().written.value() == 2);
}

TEST_CASE_METHOD(LettersFixture, "a full file of dead letters takes no more, and counts",
                 "[dead_letters]") {
  DeadLetters small("central", folder / "small.json", 300);
  small.add(header, "one", "no");
  small.add(header, "two", "no");
  CHECK(small.counters().written.value() == 1);
  CHECK(small.counters().dropped.value() == 1);
}

}  // namespace sorrel::sink
