// No allocation per event once warm: recorded text goes through the whole pipeline, text source to
// JSON and raw, pass after pass; the last pass must not call operator new once.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "pipeline/enrichment.h"
#include "property/counted_memory.h"
#include "property/pipeline_run.h"
#include "property/recordings.h"

namespace sorrel {
namespace {

using Lines = std::vector<std::string>;

// A giant's memory is given back after it, so that one does not stay for ever: it allocates anew.
constexpr std::size_t kGiantBytes = 32'768;

std::string stamp_of(const std::string& line) {
  const std::size_t begin = line.find("audit(");
  return begin == line.npos ? "" : line.substr(begin, line.find(')', begin) - begin);
}

// The recorded lines without the giants among the events.
Lines recorded_lines(const std::string& path) {
  std::map<std::string, std::size_t> sizes;
  Lines lines = test::log_lines(path);
  for (const std::string& line : lines) sizes[stamp_of(line)] += line.size();
  std::erase_if(lines, [&](const std::string& line) {
    const std::string stamp = stamp_of(line);
    return stamp.empty() || sizes[stamp] > kGiantBytes;
  });
  return lines;
}

// Takes a line of each of four events in turn, as four busy processors would.
Lines interleaved(const Lines& lines) {
  std::vector<Lines> events;
  std::map<std::string, std::size_t> index;
  for (const std::string& line : lines) {
    const auto [found, is_new] = index.try_emplace(stamp_of(line), events.size());
    if (is_new) events.emplace_back();
    events[found->second].push_back(line);
  }
  Lines out;
  for (std::size_t first = 0; first < events.size(); first += 4) {
    const std::size_t last = std::min(first + 4, events.size());
    bool any = true;
    for (std::size_t i = 0; any; ++i) {
      any = false;
      for (std::size_t e = first; e < last; ++e) {
        if (i >= events[e].size()) continue;
        out.push_back(events[e][i]);
        any = true;
      }
    }
  }
  return out;
}

// An EOE record behind the last record of each event.
Lines with_eoe(const Lines& lines) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < lines.size(); ++i) last[stamp_of(lines[i])] = i;
  Lines out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out.push_back(lines[i]);
    const std::size_t type = lines[i].find("type=PROCTITLE");
    if (type != std::string::npos && last[stamp_of(lines[i])] == i)
      out.push_back(lines[i].substr(0, type) + "type=EOE msg=" + stamp_of(lines[i]) + "): ");
  }
  return out;
}

// The lines as they would come `seconds` later.
std::string shifted(const Lines& lines, std::uint64_t seconds) {
  std::string text;
  for (const std::string& line : lines) {
    const std::size_t at = line.find("audit(") + 6;
    const std::size_t dot = line.find('.', at);
    text.append(line, 0, at);
    text += std::to_string(std::stoull(line.substr(at, dot - at)) + seconds);
    text.append(line, dot).append("\n");
  }
  return text;
}

// What the last of a few passes allocates.
std::uint64_t allocations_once_warm(const Lines& lines, agent::Annotator* annotator) {
  test::CollectSink json(false);
  test::CollectSink raw(false);
  agent::PipelineOptions options = test::stored_options();
  options.encode.argv_string = true;
  agent::Pipeline pipeline(options, annotator,
                           {{buffer::Format::json, &json}, {buffer::Format::raw, &raw}});
  constexpr int kPasses = 80;
  std::vector<std::unique_ptr<input::TextSource>> passes;
  for (int pass = 0; pass < kPasses; ++pass)
    passes.push_back(std::make_unique<input::TextSource>(std::make_unique<input::MemoryStream>(
        shifted(lines, 1'000u * static_cast<unsigned>(pass)))));
  input::Batch batch;
  std::uint64_t before = 0;
  for (const auto& source : passes) {
    before = test::counted_memory().allocations;
    test::pump(*source, pipeline, batch);
    pipeline.finish();
  }
  const std::uint64_t allocations = test::counted_memory().allocations - before;
  CHECK(json.frames > kPasses * 100);
  CHECK(json.frames == raw.frames);
  return allocations;
}

}  // namespace

TEST_CASE("the counter sees allocations", "[allocation]") {
  const test::CountedMemory before = test::counted_memory();
  auto memory = std::make_unique<std::string>(100, 'x');
  CHECK(test::counted_memory().allocations - before.allocations == 2);
  CHECK(test::counted_memory().live_bytes >= before.live_bytes + 132);
  memory.reset();
  CHECK(test::counted_memory().live_bytes == before.live_bytes);
}

// But for redaction, where it finds a secret.
TEST_CASE("an event allocates nothing once warm, with all that can be added to it",
          "[allocation]") {
  const std::filesystem::path tests(SORREL_TEST_DIR);
  enrich::Options options;
  options.container_info = true;
  options.ancestors = 16;
  agent::ProcessKnowledge knowledge{{}};
  agent::EnrichmentCounters enrichment;
  const auto annotator = agent::make_annotator(options, tests / "fakeroot", knowledge, enrichment);
  REQUIRE(annotator);
  for (const std::string& path : test::recordings(".log.xz")) {
    INFO(path);
    const Lines lines = with_eoe(recorded_lines(path));
    CHECK(allocations_once_warm(lines, nullptr) == 0);
    CHECK(allocations_once_warm(lines, annotator->get()) == 0);
    CHECK(allocations_once_warm(interleaved(lines), nullptr) == 0);
    CHECK(allocations_once_warm(interleaved(lines), annotator->get()) == 0);
  }
}

TEST_CASE("nor does a file without EOE, but for events that grow", "[allocation]") {
  // Hundreds are in flight there, and each of them grows once to the largest event it meets.
  for (const std::string& path : test::recordings(".log.xz")) {
    INFO(path);
    const Lines lines = recorded_lines(path);
    CHECK(allocations_once_warm(lines, nullptr) * 50 < lines.size());
    CHECK(allocations_once_warm(interleaved(lines), nullptr) * 50 < lines.size());
  }
}

}  // namespace sorrel
