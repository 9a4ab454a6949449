#include "enrich/meaning_text.h"

#include <string>

#include "catch.h"

namespace sorrel::enrich {
namespace {

template <class Put>
std::string text_of(Put put) {
  char room[2048];
  TextWriter out(room);
  put(out);
  return std::string(out.text());
}

}  // namespace

TEST_CASE("flags are named from the lowest bit up, what has no name comes last", "[meaning]") {
  const auto flags = [](std::uint64_t value) {
    return text_of([&](TextWriter& out) { put_flags_and_rest(out, FlagTable::kUnmount, value); });
  };
  CHECK(flags(0).empty());
  CHECK(flags(1) == "MNT_FORCE");
  CHECK(flags(0x80000006) == "MNT_DETACH|MNT_EXPIRE|UMOUNT_UNUSED");
  CHECK(flags(0x33) == "MNT_FORCE|MNT_DETACH|0x30");
  CHECK(flags(0x8000000000000001) == "MNT_FORCE|0x8000000000000000");
  // A number alone says no more than the record does.
  CHECK(flags(0x30).empty());
}

TEST_CASE("a mode is shown as ausearch shows it", "[meaning]") {
  const auto mode = [](std::uint32_t value) {
    return text_of([&](TextWriter& out) { put_mode(out, value); });
  };
  const auto node = [](std::uint32_t value) {
    return text_of([&](TextWriter& out) { put_node_mode(out, value); });
  };
  CHECK(mode(0) == "0000");
  CHECK(mode(0644) == "0644");
  CHECK(mode(07777) == "suid,sgid,sticky,0777");
  CHECK(node(0100644) == "file,644");
  CHECK(node(0104755) == "file,suid,755");
  CHECK(node(0041777) == "dir,sticky,777");
  CHECK(node(0020620) == "character,620");
  CHECK(node(0060660) == "block,660");
  CHECK(node(0010600) == "fifo,600");
  CHECK(node(0120777) == "link,777");
  CHECK(node(0140755) == "socket,755");
  CHECK(node(0600) == "000,600");
  CHECK(node(0177777) == "017,suid,sgid,sticky,777");
}

TEST_CASE("a usual mode has the text that is put together for it", "[meaning]") {
  std::size_t usual = 0;
  for (std::uint32_t mode = 0; mode <= 0xffff; ++mode) {
    const std::string_view text = usual_node_mode(mode);
    if (text.empty()) continue;
    ++usual;
    INFO(mode);
    CHECK(text == text_of([&](TextWriter& out) { put_node_mode(out, mode); }));
  }
  CHECK(usual == 1024);
  CHECK(usual_node_mode(0x108000).empty());
}

TEST_CASE("capabilities of a mask are named, others kept as a number", "[meaning]") {
  const auto mask = [](std::uint64_t value) {
    return text_of([&](TextWriter& out) { put_capabilities(out, value); });
  };
  CHECK(mask(0x2005) == "chown,dac_read_search,net_raw");
  CHECK(mask(0x10000000000) == "checkpoint_restore");
  CHECK(mask(0x8000000000000001) == "chown,0x8000000000000000");
  CHECK(mask(0x8000000000000000) == "0x8000000000000000");
}

TEST_CASE("numbers between, below and above those of a table have no name", "[meaning]") {
  CHECK(number_name(NumberTable::kTrace, 0x4206) == "PTRACE_SEIZE");
  CHECK(number_name(NumberTable::kTrace, 10).empty());
  CHECK(number_name(NumberTable::kTrace, 0x4300).empty());
  CHECK(number_name(NumberTable::kSocketType, 0).empty());
  CHECK(number_name(NumberTable::kProcessOption, 0x59616d61) == "PR_SET_PTRACER");
  CHECK(number_name(NumberTable::kReboot, 0xffffffff).empty());
  CHECK(flag_name(FlagTable::kClone, 7).empty());
  CHECK(flag_name(FlagTable::kClone, 31) == "CLONE_IO");
  CHECK(flag_name(FlagTable::kClone, 63).empty());
}

}  // namespace sorrel::enrich
