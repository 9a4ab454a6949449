#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace sorrel::test {

// The bytes that decide how a record is read, and some that should not.
inline char interesting_byte(std::mt19937& random) {
  static constexpr std::string_view kBytes =
      " ==\"\"''{}()\x1d\x01\n\r\t\\%+?-_.:,[]09afAFxzUG\x7f\x80\xc3\xa4\xed\xa0\xef\xbb\xbf\xff";
  const std::size_t at = random() % (kBytes.size() + 1);
  return at == kBytes.size() ? '\0' : kBytes[at];
}

// Changes `text` in 1 to 8 places: bytes replaced, put in, taken out, pieces doubled or moved.
inline void mutate(std::string& text, std::mt19937& random) {
  for (auto changes = 1 + random() % 8; changes != 0; --changes) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    const std::size_t length = random() % 12;
    switch (random() % 5) {
      case 0:
        if (!text.empty()) text[at] = interesting_byte(random);
        break;
      case 1:
        text.insert(at, 1, interesting_byte(random));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(text.empty() ? 0 : random() % text.size(), text.substr(at, length));
        break;
      default:
        if (!text.empty()) text.resize(at);
        break;
    }
  }
}

// Up to `max_size` bytes of which most decide something.
inline std::string random_text(std::mt19937& random, std::size_t max_size) {
  std::string text(random() % (max_size + 1), '\0');
  for (char& byte : text)
    byte = random() % 4 == 0 ? static_cast<char>(random()) : interesting_byte(random);
  return text;
}

// Fields that look like a record's, of a few keys, so that the same ones come again.
inline std::string random_fields(std::mt19937& random) {
  static constexpr std::string_view kKeys[] = {"uid", "a0",  "comm", "exe", "msg", "UID", "x",
                                               "",    "key", "argc", "a1",  "b",   "pid"};
  static constexpr std::string_view kValues[] = {
      "0",      "\"a\"",         "\"a b\"", "(null)",   "?",
      "41420A", "'x=1 y=\"2\"'", "'x=1",    "{ r }",    "a b",
      "\"open", "\x1dUID=\"r\"", "",        "'",        "\"",
      "{",      "4a4b4c",        "x=y",     "\"a\"b\"", "it's",
      "}}",     "\xc3\xa4"};
  static constexpr std::string_view kGaps[] = {" ", " ", " ", "  ", "          ", "\x1d", "\n", ""};
  const auto pick = [&](const auto& list) { return list[random() % std::size(list)]; };
  std::string text;
  for (auto fields = random() % 12; fields != 0; --fields) {
    text += pick(kKeys);
    if (random() % 8 != 0) text += '=';
    text += pick(kValues);
    text += pick(kGaps);
  }
  return text;
}

}  // namespace sorrel::test
