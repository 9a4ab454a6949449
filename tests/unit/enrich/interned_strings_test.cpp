#include "enrich/interned_strings.h"

#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "enrich/packed_id.h"

namespace sorrel::enrich {

TEST_CASE("equal texts have one number, whatever their length", "[strings]") {
  InternedStrings strings;
  std::string text;
  for (std::size_t size = 1; size < 100; ++size) {
    text += static_cast<char>('a' + size % 26);
    const auto id = strings.intern(text);
    CHECK(strings.text(id) == text);
    CHECK(strings.intern(std::string(text)) == id);
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = '#';
      CHECK(strings.intern(other) != id);
    }
  }
}

TEST_CASE("a text says whether it stands for itself in JSON", "[strings]") {
  InternedStrings strings;
  const auto is_plain = [&](std::string_view text) {
    return strings.is_plain(strings.intern(text));
  };
  CHECK(is_plain("/usr/bin/id"));
  CHECK(is_plain("a b~"));
  for (const char* text : {"a\"b", "a\\b", "100%", "c++", "tab\t", "\x7f", "\xc3\xa4", "\x01"})
    CHECK_FALSE(is_plain(text));
  CHECK(strings.is_plain(InternedStrings::kNone));
  CHECK(strings.text(InternedStrings::kNone).empty());
}

TEST_CASE("a text that nobody uses stays until there is no room", "[strings]") {
  InternedStrings strings({.max_strings = 3});
  const auto a = strings.intern("a");
  strings.intern("b");
  strings.intern("c");
  CHECK(strings.intern("d") == InternedStrings::kNone);
  strings.release(a);
  CHECK(strings.intern("a") == a);
  CHECK(strings.intern("d") == InternedStrings::kNone);
  strings.release(a);
  const auto d = strings.intern("d");
  CHECK(strings.text(d) == "d");
  CHECK(strings.forgotten() == 1);
  CHECK(strings.size() == 3);
}

TEST_CASE("long texts and many bytes are refused", "[strings]") {
  InternedStrings strings({.max_bytes = 10'000});
  CHECK(strings.intern(std::string(4097, 'x')) == InternedStrings::kNone);
  CHECK(strings.too_long() == 1);
  CHECK(strings.intern(std::string(4096, 'x')) != InternedStrings::kNone);
  CHECK(strings.intern(std::string(4096, 'y')) != InternedStrings::kNone);
  CHECK(strings.intern(std::string(4096, 'z')) == InternedStrings::kNone);
  CHECK(strings.intern("") == InternedStrings::kNone);
}

TEST_CASE("random use keeps every text that is in use", "[strings]") {
  InternedStrings strings({.max_strings = 200});
  std::mt19937 random(7);
  std::vector<std::pair<InternedStrings::Id, std::string>> used;
  for (int i = 0; i < 50'000; ++i) {
    if (used.size() < 150 && random() % 2 == 0) {
      std::string text = std::to_string(random() % 1000);
      const auto id = strings.intern(text);
      REQUIRE(id != InternedStrings::kNone);
      used.emplace_back(id, std::move(text));
    } else if (!used.empty()) {
      std::swap(used[random() % used.size()], used.back());
      REQUIRE(strings.text(used.back().first) == used.back().second);
      strings.release(used.back().first);
      used.pop_back();
    }
    REQUIRE(strings.size() <= 200);
  }
  CHECK(strings.forgotten() > 100);
}

TEST_CASE("an id comes out of its packed form as it went in", "[strings]") {
  char room[PackedId::kTextRoom];
  for (const char* text : {"1700000000.123:1", "0.000:0", "1700000000.999:4294967295", "1.000",
                           "9223372035.001:1234567890123", "1700000000.123:12"}) {
    const PackedId id = pack_id(text);
    CHECK(unpack_id(id, room) == text);
  }
  CHECK(time_ms_of(pack_id("1700000000.123:456")) == 1'700'000'000'123);
  for (const char* text : {"", "1700000000.123:x", "1700000000/123:1", "1700000000.123:1 ",
                           "12345678901234567890123456789", "?", ";", "-"})
    CHECK(pack_id(text).size == 0);
  const PackedId start = pack_start(1'700'000'000'007, 0x123456789abc);
  CHECK(unpack_id(start, room) == "1700000000.007");
  CHECK(start_ticks_of(start) == 0x123456789abc);
  CHECK(time_ms_of(start) == 1'700'000'000'007);
}

}  // namespace sorrel::enrich
