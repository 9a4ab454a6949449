// The whole daemon, in this process, on recordings: its lines are those that `sorrelctl decode`'s
// pipeline makes of the same file.

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "input/open_source.h"
#include "pipeline/enrichment.h"
#include "sorreld/command_line.h"
#include "sorreld/daemon.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using test::TempFolder;

class TextSink final : public sink::Sink {
 public:
  sink::Answer write(const buffer::FrameBatch& batch) override {
    text += batch.bytes();
    return sink::Answer::acknowledged;
  }
  std::string text;
};

std::string recording(const std::string& name) {
  return SORREL_TEST_DIR "/golden/recordings/" + name;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    // A line that is no record has no stamp: when it was read stands for it.
    const std::size_t unparsed = line.find("\"SORREL_UNPARSED\"");
    lines.push_back(unparsed == std::string::npos ? line : line.substr(unparsed));
  }
  return lines;
}

config::Options options_for(const TempFolder& folder, std::vector<std::string> paths) {
  config::Options options;
  options.log_level = Level::warning;
  options.control.socket = folder.path("control.sock");
  options.node = {.kind = config::NodeKind::fixed, .text = "test"};
  options.state_dir = folder.path("state");
  options.input.kind = input::Kind::replay;
  options.input.paths = std::move(paths);
  for (const auto format : {buffer::Format::json, buffer::Format::raw}) {
    config::OutputOptions output;
    output.name = format == buffer::Format::json ? "json" : "raw";
    output.format = format;
    output.file.path = folder.path(output.name);
    options.outputs.push_back(output);
  }
  return options;
}

// What the pipeline alone makes of a file.
void decode(const std::string& path, TextSink& json, TextSink& raw) {
  PipelineOptions options;
  options.time_base = event::TimeBase::stored;
  options.node = "test";
  ProcessKnowledge knowledge{{}};
  EnrichmentCounters enrichment;
  const auto annotator = make_annotator({}, "", knowledge, enrichment);
  REQUIRE(annotator);
  Pipeline pipeline(options, annotator->get(),
                    {{buffer::Format::json, &json}, {buffer::Format::raw, &raw}});
  auto source = input::open_source(path);
  REQUIRE(source);
  input::Batch batch;
  for (;;) {
    const auto state = (*source)->read(batch);
    REQUIRE(state);
    pipeline.process(batch);
    if (*state == input::ReadState::ended) break;
  }
  pipeline.finish();
}

// Compares line by line, so that a failure shows one line and not a megabyte.
void check_same_lines(const std::string& text, const std::string& expected) {
  const std::vector<std::string> lines = lines_of(text);
  const std::vector<std::string> wanted = lines_of(expected);
  CHECK(lines.size() == wanted.size());
  for (std::size_t i = 0; i < std::min(lines.size(), wanted.size()); ++i) {
    if (lines[i] == wanted[i]) continue;
    CHECK(lines[i] == wanted[i]);
    return;
  }
}

// Takes the daemon's own two events off.
std::string without_own(const std::string& text, const char* first, const char* last) {
  std::vector<std::string> lines = lines_of(text);
  REQUIRE(lines.size() > 2);
  CHECK(lines.front().find(first) != std::string::npos);
  CHECK(lines.front().find("ver") != std::string::npos);
  CHECK(lines.back().find(last) != std::string::npos);
  std::string rest;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) rest += lines[i] + '\n';
  return rest;
}

}  // namespace

TEST_CASE("a replayed recording gives the lines that decoding it gives", "[sorreld][daemon]") {
  for (const char* const name :
       {"every-kind-raw.audrec.xz", "every-kind-raw.log.xz", "every-kind-enriched.audrec.xz",
        "every-kind-enriched.log.xz", "everyday-raw.audrec.xz", "everyday-raw.log.xz"}) {
    CAPTURE(name);
    const TempFolder folder;
    const auto options = options_for(folder, {recording(name)});
    CHECK(run_daemon({.config_path = {}, .stats_path = folder.path("stats")}, options) == kExitOk);
    TextSink json;
    TextSink raw;
    decode(recording(name), json, raw);
    check_same_lines(
        without_own(test::read_file(folder.path("json")), "DAEMON_START", "DAEMON_END"), json.text);
    check_same_lines(without_own(test::read_file(folder.path("raw")), "DAEMON_START", "DAEMON_END"),
                     raw.text);
    const std::string stats = test::read_file(folder.path("stats"));
    const auto events = static_cast<long>(lines_of(json.text).size() + 2);
    CHECK_THAT(stats, Catch::Matchers::Contains("\"events\":" + std::to_string(events) + ","));
    CHECK_THAT(stats, Catch::Matchers::Contains("\"lost\":0,"));
    CHECK_THAT(stats, Catch::Matchers::Contains("\"mode\":\"replay\""));
  }
}

TEST_CASE("a ring far smaller than the input loses nothing of a file", "[sorreld][daemon]") {
  const TempFolder folder;
  auto options = options_for(folder, {recording("every-kind-raw.audrec.xz")});
  options.input.ring_bytes = 4'096;
  options.input.max_line_bytes = 9'216;
  CHECK(run_daemon({}, options) == kExitOk);
  TextSink json;
  TextSink raw;
  decode(recording("every-kind-raw.audrec.xz"), json, raw);
  check_same_lines(without_own(test::read_file(folder.path("json")), "DAEMON_START", "DAEMON_END"),
                   json.text);
}

TEST_CASE("a hole in a recording is told, and one in a log is not", "[sorreld][daemon]") {
  // Serials 1..9 without 4 and 5, as auditd's text and so as a filtered log may be.
  const TempFolder folder;
  std::string log;
  for (const int serial : {1, 2, 3, 6, 7, 8, 9}) {
    log += "type=USER_CMD msg=audit(1700000000.000:" + std::to_string(serial) + "): a=b\n";
  }
  const auto options = options_for(folder, {folder.write("audit.log", log)});
  CHECK(run_daemon({}, options) == kExitOk);
  CHECK(test::read_file(folder.path("json")).find("SORREL_LOSS") == std::string::npos);
  CHECK(lines_of(test::read_file(folder.path("json"))).size() == 9);
}

TEST_CASE("a damaged file is read as far as it goes, and the exit status says so",
          "[sorreld][daemon]") {
  const TempFolder folder;
  const std::string whole = test::read_file(recording("everyday-raw.audrec.xz"));
  const std::string cut = folder.write("cut.audrec.xz", whole.substr(0, whole.size() / 2));
  const auto options = options_for(folder, {cut, recording("everyday-raw.log.xz")});
  CHECK(run_daemon({}, options) == kExitFailed);
  const std::string json = test::read_file(folder.path("json"));
  CHECK(lines_of(json).size() > 146);
  CHECK_THAT(lines_of(json).back(), Catch::Matchers::Contains("\"res\":\"failed\""));
}

TEST_CASE("a start that cannot be is an exit status and leaves nothing running",
          "[sorreld][daemon]") {
  const TempFolder folder;
  CHECK(run_daemon({}, options_for(folder, {folder.path("no-such-file")})) == kExitFailed);
  auto no_output = options_for(folder, {recording("everyday-raw.log.xz")});
  no_output.outputs[0].file.path = folder.path("no/such/folder/x");
  CHECK(run_daemon({}, no_output) == kExitFailed);
  const auto options = options_for(folder, {recording("everyday-raw.log.xz")});
  CHECK(run_daemon({.config_path = {}, .stats_path = folder.path("no/such/file")}, options) ==
        kExitFailed);
}

}  // namespace sorrel::agent
