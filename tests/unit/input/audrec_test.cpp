#include <fcntl.h>

#include <cstdio>
#include <limits>

#include "catch.h"
#include "input/audrec_source.h"
#include "input/audrec_writer.h"
#include "input/memory_stream.h"
#include "support.h"

namespace sorrel::input {
namespace {

using namespace std::string_literals;
using test::drain;

constexpr std::uint16_t kAcknowledgement = 2;  // linux/netlink.h, NLMSG_ERROR
constexpr std::uint16_t kGetReply = 1000;      // linux/audit.h, AUDIT_GET

std::string recording(std::initializer_list<std::pair<std::uint16_t, std::string>> records) {
  std::string bytes(kAudrecMagic);
  std::uint64_t received_ns = 1000;
  for (const auto& [type, payload] : records) {
    append_audrec(bytes, {.type = type, .received_ns = received_ns++}, payload);
  }
  return bytes;
}

AudrecSource source_of(std::string bytes, std::size_t chunk = kDefaultChunkBytes) {
  return AudrecSource(std::make_unique<MemoryStream>(std::move(bytes), chunk, "some.audrec"),
                      {.chunk_bytes = chunk});
}

TEST_CASE("a record's header is little-endian, sixteen bytes", "[audrec]") {
  const AudrecHeader header{0x01020304, 0x0506, 0x0708, 0x090a0b0c0d0e0f10};
  std::string bytes(kAudrecHeaderBytes, '\0');
  store_audrec_header(header, bytes.data());
  CHECK(bytes == "\x04\x03\x02\x01\x06\x05\x08\x07\x10\x0f\x0e\x0d\x0c\x0b\x0a\x09"s);
  CHECK(load_audrec_header(bytes.data()) == header);
}

TEST_CASE("a recording gives its datagrams wherever a chunk ends", "[audrec]") {
  const std::string bytes = recording({{1300, "audit(1.000:1): a=1"},
                                       {1327, "audit(1.000:1): proctitle=61\n"},
                                       {1320, "audit(1.000:1): \0\0"s},
                                       {1319, ""}});
  for (std::size_t chunk = 1; chunk <= bytes.size() + 1; ++chunk) {
    auto source = source_of(bytes, chunk);
    const auto drained = drain(source);
    REQUIRE_FALSE(drained.error);
    REQUIRE(drained.payloads() == std::vector<std::string>{"audit(1.000:1): a=1",
                                                           "audit(1.000:1): proctitle=61",
                                                           "audit(1.000:1): ", ""});
    CHECK(drained.datagrams[1].type == 1327);
    CHECK(drained.datagrams[1].received_ns == 1001);
    CHECK(drained.datagrams[1].line.empty());
    CHECK(source.has_every_serial());
  }
}

TEST_CASE("what is no event is skipped and counted", "[audrec]") {
  auto source = source_of(recording({{kAcknowledgement, "answer"},
                                     {kGetReply, "status"},
                                     {record::type::kReplace, "0000"},
                                     {1300, "audit(1.000:1): "}}));
  CHECK(drain(source).datagrams.size() == 1);
  CHECK(source.counts() == FileCounts{.skipped_records = 3});
}

TEST_CASE("a recording that was cut gives whole records, then an error", "[audrec]") {
  const std::string bytes = recording({{1300, "audit(1.000:1): a=1"}, {1320, "audit(1.000:1): "}});
  const std::size_t first_end = kAudrecMagic.size() + kAudrecHeaderBytes + 19;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    auto source = source_of(bytes.substr(0, size), 5);
    const auto drained = drain(source);
    const std::size_t whole = size >= first_end ? 1 : 0;
    REQUIRE(drained.datagrams.size() == whole);
    // Cut between two records, nothing shows it.
    const bool at_record = size == kAudrecMagic.size() || size == first_end;
    REQUIRE(drained.error.has_value() == !at_record);
    if (size > first_end) {
      CHECK(drained.error->message.find("some.audrec: offset " + std::to_string(first_end)) == 0);
    }
  }
}

TEST_CASE("a length that no kernel sends ends the recording with its offset", "[audrec]") {
  const std::string good = recording({{1300, "audit(1.000:1): "}});
  const std::pair<std::uint32_t, bool> rows[] = {
      {kMaxAudrecPayloadBytes, true},
      {kMaxAudrecPayloadBytes + 1, false},
      {std::numeric_limits<std::uint32_t>::max(), false},
  };
  for (const auto& [length, fits] : rows) {
    std::string header(kAudrecHeaderBytes, '\0');
    store_audrec_header({length, 1300, 0, 0}, header.data());
    auto source = source_of(good + header + std::string(fits ? length : 100, 'x'), 1000);
    const auto drained = drain(source);
    REQUIRE(drained.datagrams.size() == (fits ? 2 : 1));
    REQUIRE(drained.error.has_value() == !fits);
    if (!fits) {
      CHECK(drained.error->message.find("offset " + std::to_string(good.size())) !=
            std::string::npos);
      CHECK(drain(source).error);
    }
  }
}

TEST_CASE("what does not begin as a recording is refused", "[audrec]") {
  const std::pair<std::string, std::string> rows[] = {
      {"AUDREC2\n later", "newer version"},
      {"type=EOE msg=audit(1.000:1): \n", "not a recording"},
      {"AUD", "shorter"},
      {"", "shorter"},
  };
  for (const auto& [bytes, words] : rows) {
    auto source = source_of(bytes, 3);
    const auto drained = drain(source);
    REQUIRE(drained.error);
    CHECK(drained.error->message.find("some.audrec: offset 0: ") == 0);
    CHECK(drained.error->message.find(words) != std::string::npos);
  }
}

TEST_CASE("what the writer wrote, the source reads", "[audrec]") {
  const test::TempFolder folder;
  const std::string path = folder.path("new.audrec");
  std::vector<test::Kept> written;
  {
    auto writer = AudrecWriter::create(path);
    REQUIRE(writer);
    // Enough for several flushes.
    for (std::uint64_t i = 0; i < 100; ++i) {
      const std::string payload = "audit(1.000:1): x=" + std::string(100 * i, 'x');
      REQUIRE(writer->write({.type = 1300, .received_ns = i}, payload));
      written.push_back({1300, payload, "", "", i});
    }
    auto refused = writer->write({}, std::string(kMaxAudrecPayloadBytes + 1, 'x'));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == std::errc::message_size);
    REQUIRE(writer->flush());
  }
  CHECK(std::filesystem::status(path).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::string bytes(static_cast<std::size_t>(std::filesystem::file_size(path)), '\0');
  FILE* file = std::fopen(path.c_str(), "rb");
  REQUIRE(std::fread(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
  auto source = source_of(bytes);
  CHECK(drain(source).datagrams == written);
}

TEST_CASE("the writer overwrites nothing", "[audrec]") {
  const test::TempFolder folder;
  auto writer = AudrecWriter::create(folder.write("old.audrec", "precious"));
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == std::errc::file_exists);
}

TEST_CASE("a full disk is an error that names the recording", "[audrec]") {
  Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full) {
    WARN("skipped: there is no /dev/full here");
    return;
  }
  AudrecWriter writer(std::move(full), "full.audrec");
  REQUIRE(writer.write({.type = 1300}, "audit(1.000:1): "));
  auto flushed = writer.flush();
  REQUIRE_FALSE(flushed);
  CHECK(flushed.error().code == std::errc::no_space_on_device);
  CHECK(flushed.error().message.find("full.audrec") == 0);
}

}  // namespace
}  // namespace sorrel::input
