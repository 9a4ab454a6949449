#include "input/chain_source.h"

#include "catch.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::drain;

TEST_CASE("a chain reads its files in the order given", "[chain_source]") {
  const test::TempFolder folder;
  auto chain = ChainSource::open(
      {folder.write("2.gz", test::pack("one\ntwo\n", test::Packing::gzip)),
       folder.write("1", "three"), folder.write("empty", ""), folder.write("0", "four\nfive\n")});
  REQUIRE(chain);
  const auto drained = drain(**chain);
  CHECK_FALSE(drained.error);
  CHECK(drained.lines() == std::vector<std::string>{"one", "two", "three", "four", "five"});
}

TEST_CASE("a chain's progress and counts are those of all files", "[chain_source]") {
  const test::TempFolder folder;
  auto chain = ChainSource::open(
      {folder.write("a", "0123456789X\n"), folder.write("b", "0123456789XY\nb\n")},
      {.max_line_bytes = 10});
  REQUIRE(chain);
  CHECK((*chain)->progress().bytes_total == 27);
  Batch batch;
  REQUIRE((*chain)->read(batch));
  CHECK((*chain)->progress().bytes_read == 12);
  CHECK((*chain)->counts() == FileCounts{1, 1, 0});
  drain(**chain);
  CHECK((*chain)->progress().bytes_read == 27);
  CHECK((*chain)->counts() == FileCounts{2, 3, 0});
}

TEST_CASE("an error in one file lets the next one be read", "[chain_source]") {
  const test::TempFolder folder;
  std::string cut = test::pack("first\n", test::Packing::gzip);
  cut.resize(cut.size() - 1);
  auto chain =
      ChainSource::open({folder.write("cut.gz", cut), folder.write("bad.gz", "\x1f\x8b bad"),
                         folder.write("good", "second\n")});
  REQUIRE(chain);
  const auto first = drain(**chain);
  CHECK(first.lines() == std::vector<std::string>{"first"});
  REQUIRE(first.error);
  CHECK(first.error->message.find("cut.gz") != std::string::npos);
  const auto bad = drain(**chain);
  REQUIRE(bad.error);
  CHECK(bad.error->message.find("bad.gz") != std::string::npos);
  const auto last = drain(**chain);
  CHECK_FALSE(last.error);
  CHECK(last.lines() == std::vector<std::string>{"second"});
}

TEST_CASE("a path that is wrong is found before the first file is read", "[chain_source]") {
  const test::TempFolder folder;
  const std::string good = folder.write("good", "line\n");
  auto absent = ChainSource::open({good, folder.path("absent")});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == std::errc::no_such_file_or_directory);
  auto directory = ChainSource::open({good, folder.path()});
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == std::errc::is_a_directory);
  auto nothing = ChainSource::open({});
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == std::errc::invalid_argument);
}

TEST_CASE("the total is unknown with a file that has no size", "[chain_source]") {
  const test::TempFolder folder;
  auto chain = ChainSource::open({folder.write("a", "line\n"), "/dev/null"});
  REQUIRE(chain);
  CHECK((*chain)->progress().bytes_total == 0);
  CHECK(drain(**chain).lines() == std::vector<std::string>{"line"});
}

}  // namespace
}  // namespace sorrel::input
