#include "encode/argv_json.h"

#include <string>

#include "catch.h"
#include "encoded.h"

namespace sorrel::encode {
namespace {

using test::encode_record;
using test::encode_text;

const Options kBoth{.argv_string = true};

// The EXECVE object of an event of several such records.
std::string execve(const std::vector<std::string>& bodies, const Options& options = {}) {
  std::string text;
  for (const std::string& body : bodies) text += "type=EXECVE msg=audit(1.000:2): " + body + '\n';
  const test::Encoded encoded = encode_text(text, options);
  REQUIRE(encoded.json.size() == 1);
  const std::size_t begin = encoded.json[0].find("\"EXECVE\":");
  REQUIRE(begin != std::string::npos);
  return encoded.json[0].substr(begin + 9, encoded.json[0].size() - begin - 11);
}

}  // namespace

TEST_CASE("arguments become a list, and a text", "[argv]") {
  CHECK(execve({"argc=3 a0=\"sh\" a1=\"-c\" a2=6C73202D6C"}, kBoth) ==
        R"j({"argc":3,"ARGV":["sh","-c","ls -l"],"ARGV_STR":"sh -c ls -l"})j");
  CHECK(execve({"argc=0"}, kBoth) == R"j({"argc":0,"ARGV":[],"ARGV_STR":""})j");
  CHECK(execve({"argc=2 a0=\"\" a1=\"\""}, kBoth) ==
        R"j({"argc":2,"ARGV":["",""],"ARGV_STR":" "})j");
}

TEST_CASE("the arguments' names go on after ten", "[argv]") {
  std::string body = "argc=120";
  std::string list;
  for (int i = 0; i < 120; ++i) {
    body += " a" + std::to_string(i) + "=\"" + std::to_string(i) + '"';
    list += (i == 0 ? "\"" : ",\"") + std::to_string(i) + '"';
  }
  CHECK(execve({body}) == R"j({"argc":120,"ARGV":[)j" + list + "]}");
}

TEST_CASE("an argument in parts is put together, across records", "[argv]") {
  CHECK(execve({"argc=3 a0=\"x\" a1_len=12 a1[0]=\"abc\" a1[1]=646566", "a1[2]=\"gh\" a2=\"y\""}) ==
        R"j({"argc":3,"ARGV":["x","abcdefgh","y"]})j");
  // A cut through a character of UTF-8, which alone would be escaped.
  CHECK(execve({"argc=1 a0_len=4 a0[0]=C3", "a0[1]=A4"}) == R"j({"argc":1,"ARGV":[")j"
                                                            "\xc3\xa4"
                                                            R"j("]})j");
  CHECK(execve({"argc=1 a0_len=0"}) == R"j({"argc":1,"ARGV":[""]})j");
}

TEST_CASE("missing arguments are null", "[argv]") {
  CHECK(execve({"argc=5 a0=\"x\" a3=\"y\""}, kBoth) ==
        R"j({"argc":5,"ARGV":["x",null,null,"y"],"ARGV_STR":"x   y"})j");
  CHECK(execve({"a1=\"y\""}) == R"j({"ARGV":[null,"y"]})j");
}

TEST_CASE("so many may be missing in an event, and no more", "[argv]") {
  const std::string last = "a" + std::to_string(kMaxMissingArguments + 1) + "=\"z\"";
  const std::string first = execve({"a0=\"x\"", last});
  CHECK(first.ends_with(",null,\"z\"]}"));
  CHECK(first.size() == std::string(R"({"ARGV":["x","z"]})").size() + 5 * kMaxMissingArguments);
  CHECK(execve({"a0=\"x\" a2=\"y\"", last + " a5000000=\"w\""}).ends_with(R"j(,null,"z"]})j") ==
        false);
  // Each gap by itself is small, but not their sum.
  std::string many = "a0=\"x\"";
  for (int i = 1; i <= 200; ++i) many += " a" + std::to_string(i * 100) + "=\"x\"";
  const std::string object = execve({many}, kBoth);
  CHECK(object.find("\"TEXT\":\"a4200=\\\"x\\\" a4300=") != std::string::npos);
}

TEST_CASE("what has no place in the list is kept as text", "[argv]") {
  CHECK(
      execve({"argc=2 a0=\"x\" a0=\"y\" a0=79", "argc=3 a1=\"z\" foo=1 { b } \"c d\" msg='a=1'"}) ==
      R"j({"argc":2,"ARGV":["x","z"],)j"
      R"j("TEXT":"a0=\"y\" a0=79 argc=3 foo=1 { b } \"c d\" msg='a=1'"})j");
  CHECK(execve({"a4294967296=\"x\" a01=\"y\""}) ==
        R"j({"ARGV":[],"TEXT":"a4294967296=\"x\" a01=\"y\""})j");
}

namespace {

// ARGV and ARGV_STR of the arguments, in quotes and parted by commas, with a limit.
std::string limited(const std::vector<std::string>& arguments, std::uint64_t limit) {
  std::string body;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    body += (i == 0 ? "a" : " a") + std::to_string(i) + "=\"" + arguments[i] + '"';
  return execve({body}, {.argv_string = true, .argv_limit = limit});
}

}  // namespace

// What LAUREL 0.8.2 says to the same arguments and limits.
TEST_CASE("the middle of a long command line is left out, as LAUREL does it", "[argv]") {
  CHECK(limited({"a", "b", "c"}, 3) == R"j({"ARGV":[{"skipped_args":2,"skipped_bytes":3},"c"],)j"
                                       R"j("ARGV_STR":"<<< Skipped: args=2, bytes=3 >>> c"})j");
  const std::vector<std::string> twenty(20, "aaa");
  CHECK(limited(twenty, 8) == R"j({"ARGV":["aaa",{"skipped_args":18,"skipped_bytes":71},"aaa"],)j"
                              R"j("ARGV_STR":"aaa <<< Skipped: args=18, bytes=71 >>> aaa"})j");
  CHECK(limited(twenty, 20) ==
        R"j({"ARGV":["aaa","aaa",{"skipped_args":16,"skipped_bytes":63},"aaa","aaa"],)j"
        R"j("ARGV_STR":"aaa aaa <<< Skipped: args=16, bytes=63 >>> aaa aaa"})j");
  CHECK(limited({"a", "bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg", "hhhhhhhh"}, 30) ==
        R"j({"ARGV":["a","bb","ccc","dddd",{"skipped_args":3,"skipped_bytes":20},"hhhhhhhh"],)j"
        R"j("ARGV_STR":"a bb ccc dddd <<< Skipped: args=3, bytes=20 >>> hhhhhhhh"})j");
  CHECK(
      limited(std::vector<std::string>(11, "q"), 21) ==
      R"j({"ARGV":["q","q","q","q","q",{"skipped_args":1,"skipped_bytes":1},"q","q","q","q","q"],)j"
      R"j("ARGV_STR":"q q q q q <<< Skipped: args=1, bytes=1 >>> q q q q q"})j");
  CHECK(limited({std::string(50, 'a'), "b", "c"}, 16)
            .starts_with(R"j({"ARGV":[{"skipped_args":1,"skipped_bytes":50},"b","c"],)j"));
}

TEST_CASE("a command line of the limit's size is whole", "[argv]") {
  CHECK(limited({std::string(9, 'a'), std::string(9, 'b')}, 20) ==
        R"j({"ARGV":["aaaaaaaaa","bbbbbbbbb"],"ARGV_STR":"aaaaaaaaa bbbbbbbbb"})j");
  CHECK(limited({std::string(10, 'a'), std::string(9, 'b')}, 20)
            .starts_with(R"j({"ARGV":[{"skipped_args":1,"skipped_bytes":10},"bbbbbbbbb"])j"));
}

// LAUREL 0.8.2 loses the first of these without a word, and leaves the second as it is.
TEST_CASE("what is left out up to the end, or in one argument, is marked, too", "[argv]") {
  CHECK(limited({"a", "b", std::string(50, 'c')}, 16) ==
        R"j({"ARGV":["a","b",{"skipped_args":1,"skipped_bytes":50}],)j"
        R"j("ARGV_STR":"a b <<< Skipped: args=1, bytes=50 >>>"})j");
  CHECK(limited({"aaaa", std::string(40, 'b'), "cccc"}, 20)
            .starts_with(R"j({"ARGV":["aaaa",{"skipped_args":1,"skipped_bytes":40},"cccc"])j"));
  CHECK(limited({std::string(50, 'c')}, 16) ==
        R"j({"ARGV":[{"skipped_args":1,"skipped_bytes":50}],)j"
        R"j("ARGV_STR":"<<< Skipped: args=1, bytes=50 >>>"})j");
}

TEST_CASE("the limit counts bytes as they were, however they are written", "[argv]") {
  const Options limit{.argv_limit = 20};
  // Nine, four in hex, six in parts, none, one: 25 with their ends. Left out: [10, 15).
  CHECK(execve({"a0=\"aaaaaaaaa\" a1=62626262",
                "a2_len=6 a2[0]=\"ccc\" a2[1]=636363 a3=\"\" "
                "a4=\"d\""},
               limit) ==
        R"j({"ARGV":["aaaaaaaaa",{"skipped_args":1,"skipped_bytes":4},"cccccc","","d"]})j");
  // Missing ones take no bytes, and are counted where they lie in what is left out.
  CHECK(execve({"a0=\"aaaaaaaaa\" a3=\"bbbbbbbbb\" a4=\"ccccccccc\""}, limit) ==
        R"j({"ARGV":["aaaaaaaaa",null,null,{"skipped_args":1,"skipped_bytes":9},"ccccccccc"]})j");
}

TEST_CASE("a process title is split at its NULs", "[argv]") {
  CHECK(encode_record("PROCTITLE proctitle=7368002D6300C3A4") ==
        R"j("PROCTITLE":{"ARGV":["sh","-c",")j"
        "\xc3\xa4"
        R"j("]})j");
  CHECK(encode_record("PROCTITLE proctitle=\"a b\"") == R"j("PROCTITLE":{"ARGV":["a b"]})j");
  CHECK(encode_record("PROCTITLE proctitle=736800") == R"j("PROCTITLE":{"ARGV":["sh",""]})j");
  CHECK(encode_record("PROCTITLE proctitle=00") == R"j("PROCTITLE":{"ARGV":["",""]})j");
  CHECK(encode_record("PROCTITLE proctitle=(null)") == R"j("PROCTITLE":{"proctitle":null})j");
  CHECK(encode_record("PROCTITLE proctitle=ABC") == R"j("PROCTITLE":{"ARGV":["ABC"]})j");
  CHECK(encode_record("PROCTITLE proctitle=7368 x=1") ==
        R"j("PROCTITLE":{"proctitle":"sh","x":"1"})j");
  CHECK(encode_record("PROCTITLE proctitle=7368", {.argv_array = false}) ==
        R"j("PROCTITLE":{"proctitle":"sh"})j");
}

}  // namespace sorrel::encode
