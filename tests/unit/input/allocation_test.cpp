#include <atomic>
#include <cstdlib>
#include <new>

#include "catch.h"
#include "input/audrec_source.h"
#include "input/audrec_writer.h"
#include "input/memory_stream.h"
#include "input/open_source.h"
#include "input/text_source.h"
#include "support.h"

namespace {

// Of this test program. A global, because operator new has no other way to tell.
std::atomic<std::uint64_t> allocations{0};

}  // namespace

// noinline: g++ 12 would see malloc() meet operator delete and warn about it.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace sorrel::input {
namespace {

// Reads `warm_up` batches, then counts what the rest allocates.
std::pair<std::uint64_t, std::uint64_t> allocations_and_records(Source& source, int warm_up) {
  Batch batch;
  for (int i = 0; i < warm_up; ++i) REQUIRE(source.read(batch));
  std::uint64_t records = 0;
  const std::uint64_t before = allocations;
  while (true) {
    auto state = source.read(batch);
    if (!state || *state == ReadState::ended) break;
    records += batch.size();
  }
  return {allocations - before, records};
}

TEST_CASE("the counter of this test sees an allocation", "[allocation]") {
  const std::uint64_t before = allocations;
  const auto memory = std::make_unique<std::string>(100, 'x');
  CHECK(allocations - before == 2);
}

TEST_CASE("reading text allocates nothing once warm", "[allocation]") {
  const test::TempFolder folder;
  const std::string text = test::audit_text(20'000);
  for (const test::Packing packing :
       {test::Packing::none, test::Packing::gzip, test::Packing::zstd}) {
    // Small chunks, so that lines are carried over often.
    auto source =
        open_source(folder.write("log", test::pack(text, packing)), {.chunk_bytes = 4096});
    REQUIRE(source);
    const auto [count, records] = allocations_and_records(**source, 5);
    CHECK(count == 0);
    CHECK(records > 15'000);
  }
}

TEST_CASE("reading a recording allocates nothing once warm", "[allocation]") {
  std::string bytes(kAudrecMagic);
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    append_audrec(bytes, {.type = 1300, .received_ns = i}, test::audit_line(1));
  }
  AudrecSource source(std::make_unique<MemoryStream>(std::move(bytes)), {.chunk_bytes = 4096});
  const auto [count, records] = allocations_and_records(source, 5);
  CHECK(count == 0);
  CHECK(records > 15'000);
}

}  // namespace
}  // namespace sorrel::input
