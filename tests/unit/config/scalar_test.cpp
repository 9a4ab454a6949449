#include "config/scalar.h"

#include "catch.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

std::string too_large(std::string_view text, std::string_view range) {
  return std::string(text) + " is too large; allowed: " + std::string(range);
}

}  // namespace

TEST_CASE("durations are read and printed with their unit", "[config]") {
  struct Row {
    std::string_view text;
    std::uint64_t value_ms;
    std::string_view printed;
  };
  const Row rows[] = {
      {"500ms", 500, "500ms"},
      {"500 ms", 500, "500ms"},
      {"1000ms", 1000, "1s"},
      {"30s", 30'000, "30s"},
      {"90s", 90'000, "90s"},
      {"10min", 600'000, "10min"},
      {"10m", 600'000, "10min"},
      {"2h", 7'200'000, "2h"},
      {"48h", 172'800'000, "2d"},
      {"7d", 604'800'000, "7d"},
      {"1500ms", 1500, "1500ms"},
      {"0", 0, "0"},
      {"0s", 0, "0"},
      {"007s", 7000, "7s"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    std::uint64_t value = 1;
    const Scalar form = milliseconds(value, 0, 604'800'000);
    CHECK(form.parse(row.text) == "");
    CHECK(value == row.value_ms);
    CHECK(form.print() == std::string(row.printed));
  }
}

TEST_CASE("what is not a duration changes nothing and is said", "[config]") {
  const std::string wanted = "wanted a duration such as 30s or 500ms, found ";
  const std::string units = "; the unit is d, h, min, m, s or ms";
  struct Row {
    std::string_view text;
    std::string expected;
  };
  const Row rows[] = {
      {"", wanted + "''"},
      {"soon", wanted + "'soon'"},
      {"-5s", wanted + "'-5s'"},
      {"+5s", wanted + "'+5s'"},
      {" 5s", wanted + "' 5s'"},
      {"s", wanted + "'s'"},
      {"30", wanted + "'30'" + units},
      {"1.5s", wanted + "'1.5s'" + units},
      {"1h30m", wanted + "'1h30m'" + units},
      {"5S", wanted + "'5S'" + units},
      {"5  s", wanted + "'5  s'" + units},
      {"99999999999999999999s", wanted + "'99999999999999999999s'"},
      {"18446744073709551615d", wanted + "'18446744073709551615d'"},
      {"9ms", "9ms is too small; allowed: 10ms to 10min"},
      {"0", "0 is too small; allowed: 10ms to 10min"},
      {"11min", too_large("11min", "10ms to 10min")},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    std::uint32_t value = 77;
    CHECK(milliseconds(value, 10, 600'000).parse(row.text) == row.expected);
    CHECK(value == 77);
  }
}

TEST_CASE("a word may stand for zero outside of the range", "[config]") {
  std::uint32_t value = 5;
  const Scalar form = seconds(value, 10, 60, "never");
  CHECK(form.wanted == "a duration in whole seconds such as 30s or 2h, or never");
  CHECK(form.parse("never") == "");
  CHECK(value == 0);
  CHECK(form.print() == std::string("never"));
  CHECK(form.parse("0") == "");
  CHECK(form.parse("10s") == "");
  CHECK(value == 10);
  CHECK(form.parse("9s") == "9s is too small; allowed: 10s to 1min, or never");
  CHECK(form.parse("nevr") ==
        "wanted a duration in whole seconds such as 30s or 2h, found 'nevr'; or never");
  CHECK(form.parse("10500ms") ==
        "wanted a duration in whole seconds such as 30s or 2h, found '10500ms'; or never");
}

TEST_CASE("sizes are read in binary and decimal units", "[config]") {
  struct Row {
    std::string_view text;
    std::uint64_t value;
    std::string_view printed;
  };
  const Row rows[] = {
      {"16 MiB", 16u << 20, "16 MiB"},
      {"16MiB", 16u << 20, "16 MiB"},
      {"100 MB", 100'000'000, "100 MB"},
      {"64 kB", 64'000, "64 kB"},
      {"65536", 65'536, "64 KiB"},
      {"65537", 65'537, "65537 B"},
      {"10 B", 10, "10 B"},
      {"3 TiB", std::uint64_t{3} << 40, "3 TiB"},
      {"2 TB", 2'000'000'000'000, "2 TB"},
      {"1024 MiB", 1u << 30, "1 GiB"},
      {"5 GB", 5'000'000'000, "5 GB"},
      {"0", 0, "0"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    std::uint64_t value = 1;
    const Scalar form = bytes(value, 0, std::uint64_t{1} << 50);
    CHECK(form.parse(row.text) == "");
    CHECK(value == row.value);
    CHECK(form.print() == std::string(row.printed));
  }
  std::uint32_t small = 77;
  const Scalar form = bytes(small, 4096, 1u << 20);
  // M may be a thousand thousands or 1024 * 1024: the person shall say which.
  CHECK(form.parse("16M") ==
        "wanted a size such as 16 MiB, found '16M'; the unit is TiB, TB, GiB, GB, MiB, MB, KiB, kB "
        "or B");
  CHECK(form.parse("16777216 TiB") == "wanted a size such as 16 MiB, found '16777216 TiB'");
  CHECK(form.parse("big") == "wanted a size such as 16 MiB, found 'big'");
  CHECK(form.parse("4 TiB") == too_large("4 TiB", "4 KiB to 1 MiB"));
  CHECK(small == 77);
}

TEST_CASE("numbers, switches and modes take what people write", "[config]") {
  std::uint32_t value = 0;
  CHECK(number(value, 1, 10).parse("10") == "");
  CHECK(value == 10);
  CHECK(number(value, 1, 10).parse("11") == too_large("11", "1 to 10"));
  CHECK(number(value, 1, 10).parse("ten") == "wanted a whole number such as 8192, found 'ten'");
  CHECK(number(value, 1, 10).parse("1e1") == "wanted a whole number such as 8192, found '1e1'");
  CHECK(number(value, 1, 10).parse("0x5") == "wanted a whole number such as 8192, found '0x5'");

  for (const std::string_view word : {"yes", "true", "on"}) {
    bool on = false;
    CHECK(yes_no(on).parse(word) == "");
    CHECK(on);
    CHECK(yes_no(on).print() == std::string("yes"));
  }
  for (const std::string_view word : {"no", "false", "off"}) {
    bool on = true;
    CHECK(yes_no(on).parse(word) == "");
    CHECK_FALSE(on);
    CHECK(yes_no(on).print() == std::string("no"));
  }
  bool untouched = true;
  CHECK(yes_no(untouched).parse("maybe") == "wanted yes or no, found 'maybe'");
  CHECK(yes_no(untouched).parse("0") == "wanted yes or no, found '0'");
  CHECK(untouched);
}

TEST_CASE("a mode is octal whether it begins with 0 or not", "[config]") {
  for (const std::string_view text : {"0640", "640", "0o640"}) {
    std::uint32_t mode = 0;
    CHECK(file_mode(mode).parse(text) == "");
    CHECK(mode == 0640);
    CHECK(file_mode(mode).print() == std::string("0640"));
  }
  std::uint32_t mode = 0600;
  const std::string wanted = "wanted permission bits in octal such as 0640, found ";
  CHECK(file_mode(mode).parse("0680") == wanted + "'0680'");
  CHECK(file_mode(mode).parse("64") == wanted + "'64'");
  CHECK(file_mode(mode).parse("4755") == wanted + "'4755'");
  CHECK(file_mode(mode).parse("u=rw") == wanted + "'u=rw'");
  CHECK(file_mode(mode).parse("0666") == "0666 would let every user of the host change the log");
  CHECK(mode == 0600);
}

TEST_CASE("a choice names the nearest word, an optional one takes leave", "[config]") {
  std::optional<std::uint32_t> value = 1;
  const auto make = [](std::uint32_t& v) {
    return choice(v, Words<std::uint32_t>{{"silent", 0}, {"printk", 1}, {"panic", 2}});
  };
  const Scalar form = or_leave(value, make);
  CHECK(form.wanted == "silent, printk or panic, or leave");
  CHECK(form.print() == std::string("printk"));
  CHECK(form.parse("leave") == "");
  CHECK_FALSE(value.has_value());
  CHECK(form.print() == std::string("leave"));
  CHECK(form.parse("panik") ==
        "wanted silent, printk or panic, found 'panik'; did you mean 'panic'?; or leave, to change "
        "nothing");
  CHECK_FALSE(value.has_value());
}

TEST_CASE("texts keep to their form", "[config]") {
  struct Row {
    const TextForm& form;
    std::string text;
    bool good;
  };
  const Row rows[] = {
      {kText, "", true},
      {kText, "@cee: ", true},
      {kText, "Z\xc3\xbcrich", true},
      {kText, std::string(1024, 'x'), true},
      {kText, std::string(1025, 'x'), false},
      {kText, "a\nb", false},
      {kText, std::string("a\0b", 3), false},
      {kText, "\xff", false},
      {kName, "audit-json_1.0", true},
      {kName, "", false},
      {kName, "-", false},
      {kName, "../x", false},
      {kName, std::string(65, 'x'), false},
      {kUserName, "root", true},
      {kUserName, "_apt", true},
      {kUserName, "DOMAIN\\user$", true},
      {kUserName, "user@realm.example", true},
      {kUserName, "a b", false},
      {kUserName, "a:b", false},
      {kUserName, "", false},
      {kNodeName, "web-1.example.com", true},
      {kNodeName, "fe80::1", true},
      {kNodeName, "a b", false},
      {kNodeName, "a\"b", false},
      {kNodeName, "a=b", false},
      {kNodeName, "", false},
      {kFilePath, "/a", true},
      {kFilePath, "/a b/c", true},
      {kFilePath, "a", false},
      {kFilePath, "/a/", false},
      {kFilePath, "/", false},
      {kFilePath, "/a/..", false},
      {kFilePath, "/a\nb", false},
      {kFilePath, "/" + std::string(4095, 'x'), false},
      {kSocketPath, "/" + std::string(106, 'x'), true},
      {kSocketPath, "/" + std::string(107, 'x'), false},
      {kDirectory, "/var/lib/sorrel/", true},
      {kDirectory, "//", false},
      {kDirectory, "var", false},
      {kOutputPath, "-", true},
      {kOutputPath, "/dev/null", true},
      {kOutputPath, "--", false},
      {kOutputPath, "", false},
  };
  for (const Row& row : rows) {
    INFO(row.form.wanted << ": " << row.text);
    CHECK(row.form.check(row.text).empty() == row.good);
  }
}

}  // namespace sorrel::config
