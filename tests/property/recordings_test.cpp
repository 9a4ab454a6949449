// Over our recordings of real kernels: every byte is accounted for.

#include "property/recordings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "property/parsed_body.h"
#include "property/pipeline_run.h"
#include "property/strict_json.h"
#include "record/stamp.h"

namespace sorrel {
namespace {

using test::CollectSink;

// Gives what each event's records are made of back, and counts it.
class Rebuilder final : public event::EventHandler {
 public:
  void on_event(event::Event& event) override {
    for (const event::Record& r : event.records()) {
      const auto fields = event.fields(r);
      const std::string body =
          record::rebuild_body(fields.data(), fields.data() + fields.size(), r.body);
      if (body != r.body && wrong.empty()) wrong = std::string(r.line) + "\n-> " + body;
      ++records;
      bytes += r.line.size();
    }
  }
  // auditd breaks a line where a socket's path does, in what it appends: " }" is the rest.
  void on_unparsed(const record::Datagram& datagram) override {
    if (!datagram.line.ends_with(" }")) wrong = "unparsed: " + std::string(datagram.line);
    ++records;
    bytes += datagram.line.size();
  }

  std::string wrong;
  std::size_t records = 0;
  std::size_t bytes = 0;
};

std::string decode_file(const std::string& path, buffer::Format format) {
  CollectSink sink;
  agent::Pipeline pipeline(test::stored_options(), nullptr, {{format, &sink}});
  test::read_file(path, [&](const record::Datagram& datagram) { pipeline.process({datagram}); });
  pipeline.finish();
  return std::move(sink.text);
}

// auditd takes blanks off the end of a record, and the broken line above for one of its own.
void normalise(std::vector<std::string>& lines) {
  std::erase_if(lines, [](const std::string& line) { return !line.starts_with("type="); });
  for (std::string& line : lines) line.erase(line.find_last_not_of(" \n") + 1);
  std::ranges::sort(lines);
}

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

// What auditd wrote of the kernel's records: without its own, and without what it added.
std::vector<std::string> kernel_lines(const std::string& path) {
  std::vector<std::string> lines;
  for (std::string line : test::log_lines(path)) {
    if (line.starts_with("node=")) line.erase(0, line.find(' ') + 1);
    if (line.starts_with("type=DAEMON_")) continue;
    // Its table ends before ours: the type is ours by the number.
    if (line.starts_with("type=UNKNOWN[")) {
      const record::Datagram datagram = record::parse_line(line);
      const std::string name(record::type_name(datagram.type));
      if (!name.empty()) line.replace(5, line.find(' ') - 5, name);
    }
    const std::size_t mark = line.rfind('\x1d');
    if (mark != line.npos && path.find("enriched") != path.npos) line.erase(mark);
    lines.push_back(line);
  }
  normalise(lines);
  return lines;
}

}  // namespace

TEST_CASE("the fields of every recorded record give its body back", "[recordings]") {
  for (const char* suffix : {".audrec.xz", ".log.xz"}) {
    for (const std::string& path : test::recordings(suffix)) {
      INFO(path);
      Rebuilder rebuilder;
      event::Assembler assembler({}, event::TimeBase::stored, rebuilder);
      std::size_t records = 0;
      std::size_t bytes = 0;
      test::read_file(path, [&](const record::Datagram& datagram) {
        ++records;
        bytes += datagram.line.empty() ? datagram.payload.size() : datagram.line.size();
        assembler.add(datagram);
      });
      assembler.flush();
      CHECK(rebuilder.wrong == "");
      CHECK(rebuilder.records == records);
      CHECK(rebuilder.bytes == bytes);
      CHECK(records > 500);
    }
  }
}

TEST_CASE("a parser that has seen a recording reads it as one that has not", "[recordings]") {
  for (const std::string& path : test::recordings("raw.audrec.xz")) {
    INFO(path);
    record::Parser warm;
    for (int pass = 0; pass < 2; ++pass) {
      test::read_file(path, [&](const record::Datagram& datagram) {
        EventId id;
        std::string_view body;
        if (!record::parse_stamp(datagram.payload, id, body)) return;
        record::Parser cold;
        const test::ParsedBody a(warm, datagram.type, body, record::Origin::kernel);
        const test::ParsedBody b(cold, datagram.type, body, record::Origin::kernel);
        if (a.described() != b.described()) {
          INFO(datagram.payload);
          CHECK(a.described() == b.described());
        }
      });
    }
  }
}

TEST_CASE("a recorded log comes back from raw, line by line", "[recordings]") {
  for (const std::string& path : test::recordings(".log.xz")) {
    INFO(path);
    std::vector<std::string> given;
    for (const std::string& line : test::log_lines(path)) given.push_back(line + '\n');
    const auto got = sorted(test::split_lines(decode_file(path, buffer::Format::raw)));
    CHECK(got.size() == given.size());
    CHECK((got == sorted(given)));
  }
}

TEST_CASE("raw of the stream is what auditd wrote of it", "[recordings]") {
  for (const std::string& path : test::recordings(".audrec.xz")) {
    INFO(path);
    std::string log = path;
    log.replace(log.rfind(".audrec"), 7, ".log");
    const auto theirs = kernel_lines(log);
    auto ours = test::split_lines(decode_file(path, buffer::Format::raw));
    normalise(ours);
    std::vector<std::string> missing;
    std::vector<std::string> more;
    std::ranges::set_difference(theirs, ours, std::back_inserter(missing));
    std::ranges::set_difference(ours, theirs, std::back_inserter(more));
    CHECK(missing == std::vector<std::string>{});
    // The stream begins before auditd is registered, and ends after it has left.
    CHECK(more.size() <= 20);
    if (more.size() > 20) CHECK(more == std::vector<std::string>{});
    CHECK(theirs.size() > 500);
  }
}

TEST_CASE("every recorded event is one strict line of JSON", "[recordings]") {
  for (const char* suffix : {".audrec.xz", ".log.xz"}) {
    for (const std::string& path : test::recordings(suffix)) {
      INFO(path);
      const auto lines = test::split_lines(decode_file(path, buffer::Format::json));
      CHECK(lines.size() > 100);
      for (const std::string& line : lines) {
        if (test::StrictJson::fault(line).empty()) continue;
        INFO(line);
        CHECK(test::StrictJson::fault(line) == "");
      }
    }
  }
}

TEST_CASE("a recording and the log of it give the same events", "[recordings]") {
  // What the kernel sent and auditd's RAW text of it: the same lines, but for the edges.
  for (const std::string& path : test::recordings("raw.audrec.xz")) {
    INFO(path);
    std::string log = path;
    log.replace(log.rfind(".audrec"), 7, ".log");
    const auto stream = sorted(test::split_lines(decode_file(path, buffer::Format::json)));
    const auto text = sorted(test::split_lines(decode_file(log, buffer::Format::json)));
    std::vector<std::string> only_text;
    std::ranges::set_difference(text, stream, std::back_inserter(only_text));
    std::erase_if(only_text, [](const std::string& line) {
      // A line break in a message, meant to forge a record, is a blank in auditd's text.
      return line.find("\"DAEMON_") != line.npos || line.find("FORGED") != line.npos;
    });
    CHECK(only_text == std::vector<std::string>{});
  }
}

}  // namespace sorrel
