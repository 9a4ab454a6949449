#include <unistd.h>

#include <array>

#include "catch.h"
#include "input/file_stream.h"
#include "input/memory_stream.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::TempFolder;

TEST_CASE("peeked bytes are read again, whatever the sizes", "[byte_stream]") {
  const std::string bytes = "0123456789abcdefghij";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    for (std::size_t peeked = 1; peeked <= ByteStream::kMaxPeek; ++peeked) {
      MemoryStream stream(bytes, piece);
      auto head = stream.peek(peeked);
      REQUIRE(head);
      CHECK(*head == bytes.substr(0, peeked));
      CHECK(test::read_all(stream, 3).bytes == bytes);
    }
  }
}

TEST_CASE("peeking past the end gives what there is", "[byte_stream]") {
  MemoryStream stream("abc");
  auto head = stream.peek(8);
  REQUIRE(head);
  CHECK(*head == "abc");
  CHECK(test::read_all(stream, 2).bytes == "abc");
}

TEST_CASE("a file's progress counts its bytes", "[byte_stream]") {
  const TempFolder folder;
  auto stream = FileStream::open(folder.write("log", "twelve bytes"));
  REQUIRE(stream);
  CHECK((*stream)->progress().bytes_total == 12);
  std::array<char, 5> out;
  REQUIRE((*stream)->read(out));
  CHECK((*stream)->progress().bytes_read == 5);
}

TEST_CASE("a pipe is read to its end and has no known size", "[byte_stream]") {
  std::array<int, 2> ends;
  REQUIRE(::pipe(ends.data()) == 0);
  FileStream stream(Fd{ends[0]}, "pipe");
  REQUIRE(::write(ends[1], "some bytes", 10) == 10);
  ::close(ends[1]);
  CHECK(stream.progress().bytes_total == 0);
  CHECK(test::read_all(stream, 4).bytes == "some bytes");
}

TEST_CASE("what cannot be opened is an error that names it", "[byte_stream]") {
  const TempFolder folder;
  auto absent = FileStream::open(folder.path("absent.log"));
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == std::errc::no_such_file_or_directory);
  CHECK(absent.error().message.find("absent.log") != std::string::npos);

  auto directory = FileStream::open(folder.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == std::errc::is_a_directory);
}

TEST_CASE("a descriptor that cannot be read is an error with the offset", "[byte_stream]") {
  std::array<int, 2> ends;
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd unused(ends[0]);
  FileStream stream(Fd{ends[1]}, "the writing end");
  std::array<char, 4> out;
  auto got = stream.read(out);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == std::errc::bad_file_descriptor);
  CHECK(got.error().message.find("the writing end: offset 0") == 0);
}

}  // namespace
}  // namespace sorrel::input
