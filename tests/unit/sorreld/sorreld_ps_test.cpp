// The answer to `sorrelctl ps`, from a process table of the test's.

#include <algorithm>
#include <deque>
#include <functional>
#include <thread>

#include "catch.h"
#include "control/client.h"
#include "sorreld/control_service.h"
#include "sorreld/ps_row.h"
#include "sorreld/ps_service.h"
#include "sorreld/reactor.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using Catch::Matchers::Contains;

// A table in order of pids. The cursor is the index.
class FakeTable final : public PsSource {
 public:
  explicit FakeTable(std::uint32_t processes) {
    for (std::uint32_t pid = 1; pid <= processes; ++pid) {
      PsRow row;
      row.self.pid = pid;
      row.comm = "p" + std::to_string(pid);
      if (pid % 10 == 0) row.exited_ms = 1'700'000'000'000;
      rows.push_back(row);
    }
  }
  bool read(const PsQuery& query, std::uint64_t& cursor, std::size_t max,
            std::vector<PsRow>& out) override {
    ++slices;
    for (std::size_t i = 0; i < max && cursor < rows.size(); ++i, ++cursor) {
      const PsRow& row = rows[cursor];
      if (query.wants(row.self.pid, row.exited_ms.has_value())) out.push_back(row);
    }
    return cursor < rows.size();
  }

  std::vector<PsRow> rows;
  int slices = 0;
};

// Both threads, turned by the test.
struct Stage {
  explicit Stage(std::uint32_t processes, std::size_t queue_bytes = 1u << 20)
      : table(processes),
        service(table,
                {.to_table =
                     [this](std::function<void()> work) {
                       if (is_stuck) return false;
                       to_table.push_back(std::move(work));
                       return true;
                     },
                 .to_main =
                     [this](std::function<void()> work) { to_main.push_back(std::move(work)); }}),
        answer(std::make_shared<control::Answer>(queue_bytes)) {}

  void ask(std::vector<control::Argument> arguments = {}) {
    service.answer({.command = "ps", .arguments = std::move(arguments)},
                   std::make_shared<control::Responder>(answer));
  }
  // One round of each thread, in which the peer reads all.
  void turn() {
    for (auto* const queue : {&to_table, &to_main}) {
      std::deque<std::function<void()>> work;
      work.swap(*queue);
      for (const auto& one : work) one();
    }
    std::string bytes;
    answer->take(bytes);
    received += bytes;
    answer->tell_ready();
  }
  std::string all() {
    for (int i = 0; i < 10'000 && !answer->has_ended(); ++i) turn();
    turn();
    REQUIRE(answer->has_ended());
    return received;
  }
  std::size_t lines() const {
    return static_cast<std::size_t>(std::count(received.begin(), received.end(), '\n'));
  }

  FakeTable table;
  bool is_stuck = false;
  std::deque<std::function<void()>> to_table;
  std::deque<std::function<void()>> to_main;
  PsService service;
  std::shared_ptr<control::Answer> answer;
  std::string received;
};

control::Argument state(const char* word) {
  return {"state", std::string(word)};
}

}  // namespace

TEST_CASE("the table is asked for in slices, and each process comes once", "[sorreld][ps]") {
  Stage stage(1'000);
  stage.ask({state("all")});
  CHECK(stage.to_table.size() == 1);
  CHECK_THAT(stage.all(), Contains("{\"done\":true,\"schema\":1,\"rows\":1000}\n"));
  CHECK(stage.lines() == 1'001);
  CHECK(stage.table.slices == 4);
  for (const char* const comm : {"\"p1\"", "\"p256\"", "\"p257\"", "\"p1000\""}) {
    CHECK_THAT(stage.received, Contains(comm));
  }
  CHECK(stage.service.answers_in_progress() == 0);
}

TEST_CASE("a table without processes, and one whose last slice is full, end", "[sorreld][ps]") {
  Stage none(0);
  none.ask();
  CHECK_THAT(none.all(), Contains("\"rows\":0"));
  Stage full(512);
  full.ask({state("all")});
  CHECK_THAT(full.all(), Contains("\"rows\":512"));
  CHECK(full.table.slices == 2);
}

TEST_CASE("state and pids choose the processes", "[sorreld][ps]") {
  struct Row {
    std::vector<control::Argument> arguments;
    std::size_t rows;
  };
  const control::Argument pids{"pids", std::vector<std::int64_t>{7, 10, 5'000, 3}};
  const Row rows[] = {
      {{}, 900},   {{state("running")}, 900},    {{state("exited")}, 100}, {{state("all")}, 1'000},
      {{pids}, 2}, {{state("exited"), pids}, 1}, {{state("all"), pids}, 3}};
  for (const Row& row : rows) {
    Stage stage(1'000);
    stage.ask(row.arguments);
    CHECK_THAT(stage.all(), Contains("\"rows\":" + std::to_string(row.rows) + "}"));
  }
}

TEST_CASE("arguments that ps does not have are refused", "[sorreld][ps]") {
  const std::vector<control::Argument> bad[] = {
      {state("dead")},
      {{"state", true}},
      {{"tree", true}},
      {{"pids", std::vector<std::int64_t>{-1}}},
      {{"pids", std::vector<std::int64_t>{2'147'483'648}}}};
  for (const auto& arguments : bad) {
    Stage stage(10);
    stage.ask(arguments);
    CHECK_THAT(stage.all(), Contains("\"code\":\"bad_arguments\""));
    CHECK(stage.table.slices == 0);
  }
}

TEST_CASE("a slow reader costs one slice, and gets all", "[sorreld][ps]") {
  Stage stage(1'000, 64);
  stage.ask({state("all")});
  for (int i = 0; i < 20; ++i) stage.turn();
  // Few rows fit at a time: no second slice was asked for meanwhile.
  CHECK(stage.table.slices == 1);
  CHECK(stage.to_table.empty());
  CHECK_THAT(stage.all(), Contains("\"rows\":1000}"));
}

TEST_CASE("an answer whose peer goes is forgotten, wherever it is", "[sorreld][ps]") {
  SECTION("while the table is asked") {
    Stage stage(1'000);
    stage.ask();
    stage.answer->hang_up();
    stage.turn();
    CHECK(stage.service.answers_in_progress() == 0);
    CHECK(stage.table.slices == 1);
  }
  SECTION("while it waits for room") {
    Stage stage(1'000, 64);
    stage.ask();
    stage.turn();
    CHECK(stage.service.answers_in_progress() == 1);
    stage.answer->hang_up();
    CHECK(stage.service.answers_in_progress() == 0);
  }
}

TEST_CASE("a table that takes no questions is an answer", "[sorreld][ps]") {
  Stage stage(10);
  stage.is_stuck = true;
  stage.ask();
  CHECK_THAT(stage.all(), Contains("\"code\":\"unavailable\""));
  CHECK(stage.service.answers_in_progress() == 0);
}

TEST_CASE("a row has what is known, and any bytes as JSON", "[sorreld][ps]") {
  PsRow row;
  row.self.pid = 7;
  std::string out;
  append_ps_row(row, out);
  CHECK(out == R"({"pid":7,"ppid":0})");

  row.self = {.pid = 7,
              .event_id = EventId{.seconds = 1'700'000'000, .serial = 45, .milliseconds = 7},
              .start_ms = 1'700'000'000'001};
  row.ppid = 3;
  row.comm = "a\x1b\"\\\xff%";
  row.exe = "/bin/\xc3\xbc";
  row.auid = 1'000;
  row.user = "ann";
  row.ses = 0;
  row.session_event = EventId{.seconds = 1'600'000'000, .serial = 1, .milliseconds = 0};
  row.unit = "a.service";
  row.container = "c0ffee";
  row.exited_ms = 1'700'000'009'050;
  row.parent = PsIdentity{.pid = 3, .event_id = {}, .start_ms = 1'600'000'000'000};
  out.clear();
  append_ps_row(row, out);
  CHECK(out == R"({"pid":7,"start":"1700000000.001","event_id":"1700000000.007:45","ppid":3,)"
               R"("comm":"a%1b\"\\%ff%25","exe":"/bin/)"
               "\xc3\xbc"
               R"(","auid":1000,"user":"ann","ses":0,"session_event":"1600000000.000:1",)"
               R"("unit":"a.service","container":"c0ffee","exited":"1700000009.050",)"
               R"("parent":{"pid":3,"start":"1600000000.000"}})");
}

TEST_CASE("the whole way: a client asks a reactor for a hundred thousand processes",
          "[sorreld][ps]") {
  const test::TempFolder folder;
  FakeTable table(100'000);
  Reactor reactor;
  const auto server =
      open_control({.socket = folder.path("control.sock"), .group = {}}, {}, reactor);
  REQUIRE(server);
  // The table's thread is this one too; what matters here is that slices come later.
  PsService service(
      table,
      {.to_table =
           [&reactor](std::function<void()> work) {
             reactor.post(std::move(work));
             return true;
           },
       .to_main = [&reactor](std::function<void()> work) { reactor.post(std::move(work)); }});
  (*server)->handle("ps", [&service](const control::Request& request,
                                     std::shared_ptr<control::Responder> responder) {
    service.answer(request, std::move(responder));
  });
  serve_status(**server, [] {
    Statistics statistics;
    statistics.mode = "test";
    return statistics;
  });
  (*server)->start();
  std::size_t rows = 0;
  std::string status;
  std::string failure;
  std::thread asker([&] {
    auto client = control::Client::connect(folder.path("control.sock"));
    if (client) {
      const auto answer = client->ask({.command = "ps", .arguments = {state("all")}},
                                      [&](std::string_view) { return ++rows > 0; });
      if (!answer) failure = answer.error().to_string();
      const auto told =
          client->ask({.command = "status", .arguments = {}}, [&](std::string_view row) {
            status = row;
            return true;
          });
      if (!told) failure = told.error().to_string();
    }
    reactor.stop();
  });
  reactor.run();
  asker.join();
  CHECK(failure.empty());
  CHECK(rows == 100'000);
  CHECK_THAT(status,
             Contains("\"mode\":\"test\"") && Contains("\"version\":\"") &&
                 Contains("\"control\":{\"connections\":1,\"requests\":2,\"rows\":100000,"));
}

TEST_CASE("a control socket needs its group, and can be off", "[sorreld][ps]") {
  const test::TempFolder folder;
  const Reactor reactor;
  const auto off = open_control({.socket = "", .group = {}}, {}, reactor);
  REQUIRE(off);
  CHECK(*off == nullptr);
  const auto no_group =
      open_control({.socket = folder.path("a.sock"), .group = "no-such-group"}, {}, reactor);
  REQUIRE_FALSE(no_group);
  CHECK_THAT(no_group.error().message, Contains("no-such-group"));
}

}  // namespace sorrel::agent
