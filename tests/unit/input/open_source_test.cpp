#include "input/open_source.h"

#include "catch.h"
#include "input/audrec_writer.h"
#include "input/detect.h"
#include "input/memory_stream.h"
#include "support.h"

namespace sorrel::input {
namespace {

using test::drain;
using test::kAllPackings;
using test::pack;

TEST_CASE("text and recordings in every packing are told by content", "[open_source]") {
  const test::TempFolder folder;
  const std::string text = test::audit_text(5);
  std::string recorded(kAudrecMagic);
  append_audrec(recorded, {.type = 1320, .received_ns = 9}, "audit(1.000:1): ");
  for (const test::Packing packing : kAllPackings) {
    // Names that tell something else.
    auto as_text = open_source(folder.write("a.audrec", pack(text, packing)));
    REQUIRE(as_text);
    CHECK(drain(**as_text).datagrams.size() == 5);
    CHECK_FALSE((*as_text)->has_every_serial());

    auto as_recording = open_source(folder.write("a.log.zst", pack(recorded, packing)));
    REQUIRE(as_recording);
    const auto drained = drain(**as_recording);
    REQUIRE(drained.datagrams.size() == 1);
    CHECK(drained.datagrams[0].received_ns == 9);
    CHECK((*as_recording)->has_every_serial());
  }
}

TEST_CASE("an archive's progress is that of its file", "[open_source]") {
  const test::TempFolder folder;
  const std::string packed = pack(test::audit_text(500), test::Packing::gzip);
  auto source = open_source(folder.write("a.gz", packed), {.chunk_bytes = 64});
  REQUIRE(source);
  CHECK((*source)->progress().bytes_total == packed.size());
  Batch batch;
  REQUIRE((*source)->read(batch));
  CHECK((*source)->progress().bytes_read > 0);
  CHECK((*source)->progress().bytes_read < packed.size());
  drain(**source);
  CHECK((*source)->progress().bytes_read == packed.size());
}

TEST_CASE("content is told by its first bytes alone", "[open_source]") {
  const std::pair<std::string, Content> rows[] = {
      {"AUDREC1\n", Content::recording},
      {"AUDREC9\nlater", Content::recording},
      {"AUDREC", Content::recording},
      {"AUDRE", Content::text},
      {"", Content::text},
      {"type=EOE", Content::text},
      {" AUDREC1\n", Content::text},
  };
  for (const auto& [bytes, content] : rows) {
    MemoryStream stream(bytes, 1);
    auto detected = detect_content(stream);
    REQUIRE(detected);
    CHECK(*detected == content);
    CHECK(test::read_all(stream, 4).bytes == bytes);
  }
}

TEST_CASE("an archive with a broken head is an error when it is opened", "[open_source]") {
  const test::TempFolder folder;
  auto source = open_source(folder.write("a.gz", "\x1f\x8b and no gzip at all"));
  REQUIRE_FALSE(source);
  CHECK(source.error().message.find("a.gz: compressed offset ") != std::string::npos);
}

TEST_CASE("a file that is not there is an error", "[open_source]") {
  const test::TempFolder folder;
  auto source = open_source(folder.path("absent"));
  REQUIRE_FALSE(source);
  CHECK(source.error().code == std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace sorrel::input
