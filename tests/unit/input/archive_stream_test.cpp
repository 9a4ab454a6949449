#include "input/archive_stream.h"

#include "catch.h"
#include "input/memory_stream.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::kAllPackings;
using test::pack;
using test::Packing;

std::unique_ptr<ByteStream> unpack(std::string packed, std::size_t chunk = 64,
                                   std::size_t piece = 1000) {
  auto stream =
      decompress(std::make_unique<MemoryStream>(std::move(packed), piece, "some/archive"), chunk);
  REQUIRE(stream);
  return *std::move(stream);
}

constexpr Packing kArchives[] = {Packing::gzip, Packing::xz, Packing::zstd};

TEST_CASE("every packing gives its content, in pieces of every size", "[archive]") {
  const std::string content = test::audit_text(20);
  for (const Packing packing : kAllPackings) {
    const std::string packed = pack(content, packing);
    for (std::size_t size = 1; size <= 70; ++size) {
      auto stream = unpack(packed, size, size);
      const auto got = test::read_all(*stream, size);
      REQUIRE_FALSE(got.error);
      REQUIRE(got.bytes == content);
    }
  }
}

TEST_CASE("members, streams and frames one behind the other are one content", "[archive]") {
  const std::string first = test::audit_text(3);
  const std::string second = "second\n";
  for (const Packing packing : kArchives) {
    // An empty member in between is legal in all three.
    const std::string packed = pack(first, packing) + pack("", packing) + pack(second, packing);
    for (std::size_t chunk = 1; chunk <= 40; ++chunk) {
      const auto got = test::read_all(*unpack(packed, chunk), 7);
      REQUIRE_FALSE(got.error);
      REQUIRE(got.bytes == first + second);
    }
  }
}

TEST_CASE("an archive of nothing is empty", "[archive]") {
  for (const Packing packing : kAllPackings) {
    const auto got = test::read_all(*unpack(pack("", packing)), 16);
    CHECK_FALSE(got.error);
    CHECK(got.bytes.empty());
  }
}

TEST_CASE("an archive that was cut gives what it held, then an error", "[archive]") {
  const std::string content = test::audit_text(50);
  for (const Packing packing : kArchives) {
    const std::string packed = pack(content, packing);
    // From behind the magic bytes on: what is shorter is no archive.
    for (std::size_t size = 6; size < packed.size(); ++size) {
      auto stream = unpack(packed.substr(0, size));
      const auto got = test::read_all(*stream, 100);
      REQUIRE(got.error);
      REQUIRE(content.starts_with(got.bytes));
      CHECK(got.error->message.find("some/archive: compressed offset ") == 0);
      // The error stays.
      CHECK(test::read_all(*stream, 100).error);
    }
  }
}

TEST_CASE("an archive that was cut near its end gives nearly all", "[archive]") {
  const std::string content = test::audit_text(200);
  for (const Packing packing : kArchives) {
    std::string packed = pack(content, packing);
    packed.resize(packed.size() - 1);
    const auto got = test::read_all(*unpack(packed), 1000);
    REQUIRE(got.error);
    CHECK(got.bytes == content);
    CHECK(got.error->message.find("ends too early") != std::string::npos);
  }
}

TEST_CASE("a flipped byte is found or leaves the content as it was", "[archive]") {
  const std::string content = test::audit_text(10);
  for (const Packing packing : kArchives) {
    const std::string packed = pack(content, packing);
    int errors = 0;
    for (std::size_t at = 6; at < packed.size(); ++at) {
      std::string damaged = packed;
      damaged[at] = static_cast<char>(~damaged[at]);
      const auto got = test::read_all(*unpack(damaged), 1000);
      // A few bytes (gzip's time and flags) carry no content.
      if (got.error) {
        ++errors;
      } else {
        REQUIRE(got.bytes == content);
      }
    }
    CHECK(errors > 50);
  }
}

TEST_CASE("gzip allows zeros behind its end, nothing else", "[archive]") {
  const std::string packed = pack("content", Packing::gzip);
  const auto padded = test::read_all(*unpack(packed + std::string(600, '\0')), 100);
  CHECK_FALSE(padded.error);
  CHECK(padded.bytes == "content");

  const auto garbage = test::read_all(*unpack(packed + "garbage"), 100);
  CHECK(garbage.bytes == "content");
  CHECK(garbage.error);
}

TEST_CASE("garbage behind an archive is an error after the content", "[archive]") {
  for (const Packing packing : {Packing::xz, Packing::zstd}) {
    const auto got = test::read_all(*unpack(pack("content", packing) + "some garbage"), 100);
    CHECK(got.bytes == "content");
    CHECK(got.error);
  }
}

TEST_CASE("pzstd's archives, which begin with a skippable frame, are read", "[archive]") {
  const std::string skippable("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
  const auto got = test::read_all(*unpack(skippable + pack("content", Packing::zstd)), 100);
  CHECK_FALSE(got.error);
  CHECK(got.bytes == "content");
}

TEST_CASE("packings that are not read are refused by name", "[archive]") {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    std::string name;
  } rows[] = {
      {"BZh91AY&SY", "bzip2"}, {"\x04\x22\x4d\x18 more"s, "lz4"}, {"PK\x03\x04 more", "zip"}};
  for (const auto& row : rows) {
    auto stream = decompress(std::make_unique<MemoryStream>(row.bytes));
    REQUIRE_FALSE(stream);
    CHECK(stream.error().code == std::errc::not_supported);
    CHECK(stream.error().message.find(row.name) != std::string::npos);
  }
}

TEST_CASE("magic bytes decide, and text that has none stays as it is", "[archive]") {
  for (const std::string text : {"", "\x1f", "type=EOE msg=audit(1.000:1): ", "\xfd 7zXZ"}) {
    CHECK(test::read_all(*unpack(text), 100).bytes == text);
  }
}

}  // namespace
}  // namespace sorrel::input
