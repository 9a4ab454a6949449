#include <string>

#include "catch.h"
#include "sorreld/state_file.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using test::TempFolder;

const SavedState kState{.boot_id = "6d7b1c3e-0000-4000-8000-1234567890ab",
                        .last_serial = 4'294'967'295,
                        .time_ns = 1'700'000'000'123'456'789};

}  // namespace

TEST_CASE("a state that is written is read back by the next run", "[sorreld][state]") {
  const TempFolder folder;
  {
    auto file = StateFile::open(folder.path("state/last"));
    REQUIRE(file);
    CHECK(!file->previous());
    REQUIRE(file->write({.boot_id = kState.boot_id, .last_serial = 1, .time_ns = 2}));
    REQUIRE(file->write(kState));
  }
  const auto file = StateFile::open(folder.path("state/last"));
  REQUIRE(file);
  REQUIRE(file->previous());
  CHECK(*file->previous() == kState);
}

TEST_CASE("states have one length, so that one write replaces another", "[sorreld][state]") {
  const SavedState small{.boot_id = kState.boot_id, .last_serial = 0, .time_ns = 0};
  CHECK(to_text(small).size() == to_text(kState).size());
  CHECK(to_text(small).size() < 256);
}

TEST_CASE("what is no state is nothing, not a guess", "[sorreld][state]") {
  const std::string good = to_text(kState);
  REQUIRE(parse_saved_state(good) == kState);
  std::string cut;
  for (const char c : good) {
    CHECK(!parse_saved_state(cut));
    cut += c;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(!parse_saved_state(changed));
  }
  CHECK(!parse_saved_state(good + "x"));
  CHECK(!parse_saved_state("sorrel-state 2" + good.substr(14)));
}

TEST_CASE("a damaged state file is emptied and used", "[sorreld][state]") {
  const TempFolder folder;
  const std::string path = folder.write("state", std::string(5'000, 'x'));
  {
    auto file = StateFile::open(path);
    REQUIRE(file);
    CHECK(!file->previous());
    REQUIRE(file->write(kState));
  }
  CHECK(test::read_file(path) == to_text(kState));
}

TEST_CASE("a state file is used by one daemon at a time", "[sorreld][state]") {
  const TempFolder folder;
  const auto first = StateFile::open(folder.path("state"));
  REQUIRE(first);
  const auto second = StateFile::open(folder.path("state"));
  REQUIRE(!second);
  CHECK_THAT(second.error().message, Catch::Matchers::Contains("another sorreld"));
}

TEST_CASE("a state file that cannot be one is refused with its path", "[sorreld][state]") {
  const TempFolder folder;
  folder.write("target", "");
  std::filesystem::create_symlink(folder.path("target"), folder.path("link"));
  std::filesystem::create_directory(folder.path("folder"));
  for (const char* const name : {"link", "folder", "no/such/state"}) {
    const auto file = StateFile::open(folder.path(name));
    REQUIRE(!file);
    INFO(file.error().to_string());
    CHECK_THAT(file.error().message, Catch::Matchers::Contains("stat"));
    CHECK_THAT(file.error().message, Catch::Matchers::Contains(folder.path()));
  }
}

TEST_CASE("the serial is written when it changes, and not all the time", "[sorreld][state]") {
  const TempFolder folder;
  const std::string path = folder.path("state");
  auto file = StateFile::open(path);
  REQUIRE(file);
  StateWriter writer(*file, kState.boot_id);
  const auto saved = [&] { return parse_saved_state(test::read_file(path)); };
  constexpr std::uint64_t kSpacing = StateWriter::kSpacingNs;

  CHECK(writer.update(std::nullopt, 1, 1) == UINT64_MAX);
  CHECK(!saved());
  CHECK(writer.update(7, 1'000, 100) == UINT64_MAX);
  CHECK(saved()->last_serial == 7);
  CHECK(saved()->time_ns == 1'000);
  CHECK(writer.update(7, 2'000, 200) == UINT64_MAX);
  CHECK(saved()->time_ns == 1'000);
  CHECK(writer.update(8, 3'000, 300) == 100 + kSpacing);  // too soon: it says when
  CHECK(saved()->last_serial == 7);
  CHECK(writer.update(9, 4'000, 100 + kSpacing) == UINT64_MAX);
  CHECK(saved()->last_serial == 9);
  writer.update(10, 5'000, 101 + kSpacing);
  CHECK(saved()->last_serial == 9);
  writer.flush();
  CHECK(saved()->last_serial == 10);
}

}  // namespace sorrel::agent
