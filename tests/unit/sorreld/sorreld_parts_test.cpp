// The small parts of the daemon: what it is called, what it counts, what a reload changes.

#include <sys/utsname.h>

#include <future>

#include "catch.h"
#include "sorreld/command_line.h"
#include "sorreld/host_identity.h"
#include "sorreld/loss_watch.h"
#include "sorreld/outputs.h"
#include "sorreld/reactor.h"
#include "sorreld/reload.h"
#include "sorreld/statistics.h"
#include "sorreld/users_version.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using Catch::Matchers::Contains;
using test::TempFolder;

Result<CommandLine> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "sorreld");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return parse_command_line(static_cast<int>(words.size()), pointers.data());
}

}  // namespace

TEST_CASE("the command line", "[sorreld]") {
  CHECK(parse({})->config == "/etc/sorrel/sorrel.yaml");
  const auto both = parse({"--config=/tmp/a.yaml", "--stats-file", "/tmp/s.json"});
  REQUIRE(both);
  CHECK(both->config == "/tmp/a.yaml");
  CHECK(both->stats_file == "/tmp/s.json");
  CHECK(parse({"--check-config"})->check_config);
  CHECK(parse({"--help"})->help);
  CHECK(parse({"--version"})->version);
  for (const char* const word : {"--confg", "--config", "extra", "-x"}) {
    const auto line = parse({word});
    REQUIRE(!line);
    CHECK_THAT(line.error().message, Contains(word));
  }
}

TEST_CASE("NODE is what the configuration says", "[sorreld][node]") {
  utsname names{};
  REQUIRE(::uname(&names) == 0);
  using Kind = config::NodeKind;
  CHECK(resolve_node({.kind = Kind::kernel, .text = {}}) == names.nodename);
  CHECK(resolve_node({.kind = Kind::none, .text = "x"}).empty());
  CHECK(resolve_node({.kind = Kind::hostname, .text = {}}) == names.nodename);
  CHECK(resolve_node({.kind = Kind::fixed, .text = "web-1.example.com"}) == "web-1.example.com");
}

TEST_CASE("a resolver that has no time gives the short name", "[sorreld][node]") {
  utsname names{};
  REQUIRE(::uname(&names) == 0);
  CHECK(resolve_node({.kind = config::NodeKind::fqdn, .text = {}}, 0) == names.nodename);
}

TEST_CASE("the ids of host and boot are read from the root folder", "[sorreld][node]") {
  const TempFolder root;
  CHECK(read_host_ids(root.path()).machine_id.empty());
  root.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  root.write("proc/sys/kernel/random/boot_id", "6d7b1c3e-0000-4000-8000-1234567890ab\n");
  const HostIds ids = read_host_ids(root.path());
  CHECK(ids.machine_id == "0123456789abcdef0123456789abcdef");
  CHECK(ids.boot_id == "6d7b1c3e-0000-4000-8000-1234567890ab");
}

TEST_CASE("a counter that grew is reported once", "[sorreld][loss]") {
  std::uint64_t total = 5;  // from before
  LossWatch watch;
  watch.add(
      event::LossCause::ring, "enlarge it", [&] { return total; }, 300);
  std::vector<event::LossReport> reports;
  const auto look = [&](std::uint64_t now_ns) {
    watch.look(now_ns, [&](const event::LossReport& loss) { reports.push_back(loss); });
  };
  look(1'000'000'000);
  CHECK(reports.empty());
  total += 7;
  look(2'000'000'000);
  look(3'000'000'000);
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].cause == event::LossCause::ring);
  CHECK(reports[0].count == 7);
  CHECK(reports[0].since_ns == 700'000'000);  // the counter may be 300 ms behind
  CHECK(reports[0].until_ns == 2'000'000'000);
  CHECK(reports[0].detail == "enlarge it");
}

TEST_CASE("a reload applies what can change, and names what cannot", "[sorreld][reload]") {
  using config::Options;
  struct Row {
    void (*change)(Options&);
    std::vector<std::string> needs_restart;
  };
  const Row rows[] = {
      {[](Options&) {}, {}},
      {[](Options& o) { o.user = "x"; }, {"user"}},
      {[](Options& o) { o.state_dir = "/x"; }, {"state_dir"}},
      {[](Options& o) { o.input.kind = input::Kind::multicast; }, {"input"}},
      {[](Options& o) { o.event.timeout_ms = 1; }, {"events"}},
      {[](Options& o) { o.control.socket.clear(); }, {"control"}},
      {[](Options& o) { o.netlink.receive_buffer_bytes = 1; }, {"kernel.receive_buffer"}},
      {[](Options& o) { o.netlink.heartbeat_ms = 1; }, {"kernel.heartbeat"}},
      {[](Options& o) { o.netlink.take_over_when_free = true; }, {"kernel.take_over_when_free"}},
      {[](Options& o) { o.buffer.path = "/x"; }, {"buffer"}},
      {[](Options& o) { o.buffer.lanes[1].commit_ms = 1; }, {"buffer"}},
  };
  for (const Row& row : rows) {
    Options wanted;
    wanted.log_level = Level::debug;
    wanted.encode.time_key = "@timestamp";
    wanted.netlink.settings.backlog_limit = 1;
    wanted.netlink.status_poll_ms = 77;
    wanted.outputs.emplace_back().name = "a";
    Options expected = wanted;
    row.change(wanted);
    const ReloadPlan plan = plan_reload(Options{}, wanted, true);
    CHECK(plan.needs_restart == row.needs_restart);
    CHECK(plan.options == expected);
  }
}

TEST_CASE("a reload changes outputs to collectors, and a buffer that is not there yet",
          "[sorreld][reload]") {
  config::Options wanted;
  wanted.buffer.path = "/x";
  config::OutputOptions& output = wanted.outputs.emplace_back();
  output.name = "central";
  output.type = config::OutputType::relp;
  const ReloadPlan plan = plan_reload(config::Options{}, wanted, false);
  CHECK(plan.needs_restart.empty());
  CHECK(plan.options == wanted);
}

TEST_CASE("a reload keeps outputs that did not change", "[sorreld][reload]") {
  const TempFolder folder;
  sink::SystemStorage storage;
  const SystemClock clock;
  const auto output = [&](const char* name) {
    config::OutputOptions options;
    options.name = name;
    options.file.path = folder.path(name);
    return options;
  };
  const auto before = open_outputs({output("a"), output("b")}, {}, std::nullopt, storage, clock);
  REQUIRE(before);
  auto changed = output("b");
  changed.file.line_prefix = "@cee: ";
  const auto after = open_outputs({changed, output("a")}, *before, std::nullopt, storage, clock);
  REQUIRE(after);
  CHECK((*after)[1].sink == (*before)[0].sink);
  CHECK((*after)[0].sink != (*before)[1].sink);

  auto broken = output("c");
  broken.file.path = folder.path("no/such/folder/c");
  const auto failed = open_outputs({broken}, *after, std::nullopt, storage, clock);
  REQUIRE(!failed);
  CHECK_THAT(failed.error().message, Contains("output c:"));
}

TEST_CASE("the counters are JSON with fixed keys", "[sorreld][statistics]") {
  Statistics statistics;
  statistics.events = 1;
  statistics.records = 2;
  statistics.lost[static_cast<std::size_t>(event::LossCause::ring)] = 3;
  statistics.lost[static_cast<std::size_t>(event::LossCause::kernel)] = 4;
  statistics.incomplete = 5;
  statistics.unparsed = 6;
  statistics.heartbeats = 7;
  statistics.output_dropped = 8;
  statistics.bytes_out = 9;
  statistics.processes = 10;
  statistics.asked = 11;
  statistics.not_asked = 12;
  statistics.late = 13;
  statistics.redacted = 14;
  statistics.waited = 15;
  statistics.host = {
      .ended = 16, .unreadable = 17, .names_asked = 18, .names_skipped = 19, .hashes_skipped = 20};
  statistics.mode = "registered";
  statistics.seconds = 1.5;
  const std::string expected =
      R"({"events":1,"records":2,"lost":7,"lost_by_cause":{"kernel":4,"serial_hole":0,"socket":0,)"
      R"("restart":0,"ring":3,"size":0,"evicted":0,"decode":0},"incomplete":5,"unparsed":6,)"
      R"("heartbeats":7,"output_dropped":8,"bytes_out":9,"processes":10,"asked":11,)"
      R"("not_asked":12,"late":13,"redacted":14,"host":{"waited":15,"ended":16,"unreadable":17,)"
      R"("names_asked":18,"names_skipped":19,"hashes_skipped":20},)"
      R"("mode":"registered","seconds":1.500})"
      "\n";
  CHECK(to_json(statistics) == expected);
  const TempFolder folder;
  const std::string path = folder.write("stats", std::string(1'000, 'x'));
  const auto file = StatisticsFile::open(path);
  REQUIRE(file);
  CHECK(test::read_file(path).size() == 1'000);  // as it was, until the end
  REQUIRE(file->write(statistics));
  CHECK(test::read_file(path) == expected);
  CHECK(!StatisticsFile::open(folder.path("no/such/folder")));
}

TEST_CASE("outputs to collectors are a list in the counters, also when a reload took them away",
          "[sorreld][statistics]") {
  Statistics statistics;
  CHECK_THAT(to_json(statistics), !Contains("\"outputs\""));
  statistics.lanes.emplace_back().end = 1;
  CHECK_THAT(to_json(statistics), Contains("\"outputs\":[],\"buffer\":[{"));
  statistics.shipped.resize(2);
  statistics.shipped[0].name = "a";
  statistics.shipped[1].name = "b";
  const std::string text = to_json(statistics);
  CHECK_THAT(text, Contains("\"outputs\":[{\"name\":\"a\","));
  CHECK_THAT(text, Contains("},{\"name\":\"b\","));
  CHECK_THAT(text, Contains("}],\"buffer\":[{"));
}

TEST_CASE("a change of the user database is seen", "[sorreld][users]") {
  const TempFolder root;
  const std::string none = users_version(root.path());
  root.write("etc/passwd", "root:x:0:0::/:/bin/sh\n");
  const std::string one = users_version(root.path());
  CHECK(one != none);
  CHECK(users_version(root.path()) == one);
  root.write("etc/passwd", "root:x:0:0::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
  CHECK(users_version(root.path()) != one);
}

TEST_CASE("what a task of the reactor throws ends the loop", "[sorreld][reactor]") {
  Reactor reactor;
  int runs = 0;
  reactor.repeat("test", [&]() -> std::uint32_t {
    if (++runs == 3) throw std::runtime_error("on purpose");
    return 0;
  });
  reactor.run();
  CHECK(runs == 3);
}

TEST_CASE("what another thread posts runs in the loop", "[sorreld][reactor]") {
  Reactor reactor;
  std::thread::id seen;
  std::thread other([&] {
    reactor.post([&] {
      seen = std::this_thread::get_id();
      reactor.stop();
    });
  });
  reactor.run();
  other.join();
  const bool is_here = seen == std::this_thread::get_id();
  CHECK(is_here);
}

}  // namespace sorrel::agent
