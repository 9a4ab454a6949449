// Records in, the JSON with what was added out: what a live host's answers do to an event.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "encode/json.h"
#include "enrich/enricher.h"
#include "record/datagram.h"

namespace sorrel::enrich {
namespace {

constexpr std::string_view kExec =
    "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2 ppid=7 pid=300 "
    "auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=3 "
    "comm=\"tool\" exe=\"/bin/tool\" key=\"k\"";

// One event, through learning, annotating and encoding, which may be apart.
class Line {
 public:
  explicit Line(std::uint64_t serial) : serial_(serial) {
    event_ = std::make_unique<event::Event>();
  }
  Line& add(std::string_view type, std::string_view body) {
    const std::string line = "type=" + std::string(type) +
                             " msg=audit(1700000000.500:" + std::to_string(serial_) +
                             "): " + std::string(body);
    const record::Datagram datagram = record::parse_line(line);
    event_->id = {.seconds = 1'700'000'000, .serial = serial_, .milliseconds = 500};
    event_->add(datagram, datagram.payload.find("): ") + 3, parser_);
    return *this;
  }
  event::Event& event() { return *event_; }
  std::string json() {
    event_->end_annotations();
    encode::JsonEncoder encoder({}, "");
    std::string out(encoder.bound(*event_), '\0');
    out.resize(encoder.encode(*event_, {}, out.data()));
    return out;
  }

 private:
  std::uint64_t serial_;
  record::Parser parser_;
  std::unique_ptr<event::Event> event_;
};

struct Stage {
  explicit Stage(Options chosen = {})
      : options(std::move(chosen)),
        processes(options, *table, *sessions, 0),
        enricher(options, {.processes = &processes}) {}

  Line exec(std::uint64_t serial) {
    Line line(serial);
    line.add("SYSCALL", kExec).add("EXECVE", "argc=1 a0=\"tool\"");
    enricher.learn(line.event());
    return line;
  }
  std::string annotated(Line& line, const HostAnswer& answer = {}, bool keeps = false) {
    enricher.annotate(line.event(), answer, keeps);
    return line.json();
  }
  void set_facts(const ProcessFacts& facts) {
    const Process* const process = table->find(300);
    REQUIRE(process != nullptr);
    REQUIRE(table->set_facts({300, process->id}, facts));
  }

  const Options options;
  std::unique_ptr<ProcessTable> table = std::make_unique<ProcessTable>();
  std::unique_ptr<Sessions> sessions = std::make_unique<Sessions>();
  Processes processes;
  Enricher enricher;
};

bool has(const std::string& line, std::string_view part) {
  return line.find(part) != line.npos;
}

const ProcessFacts kFacts = {.container_id = "c0ffee",
                             .runtime = "docker",
                             .pod = "pod-1",
                             .unit = "demo.service",
                             .slice = "system.slice",
                             .user_unit = "app.service",
                             .services = "user@1000/app",
                             .container_name = "web\"1",
                             .container_image = "nginx:1"};

host::Environment& environment(std::string_view bytes) {
  static host::Environment made;
  made.fill(bytes, host::EnvironmentSelection({"*"}));
  return made;
}

HostAnswer said(std::string_view missing, const host::Environment* variables = nullptr,
                std::string_view hash = {}) {
  return {.missing = missing, .environment = variables, .exe_hash = hash};
}

}  // namespace

TEST_CASE("where a process runs is in its PID", "[enricher][host]") {
  struct Row {
    const char* what;
    ProcessFacts facts;
    const char* part;  // of the JSON
  };
  const Row rows[] = {
      {"all", kFacts,
       R"("PID":{"EVENT_ID":"1700000000.500:1","container":{"id":"c0ffee","runtime":"docker",)"
       R"("pod":"pod-1","name":"web\"1","image":"nginx:1"},"systemd_service":["user@1000","app"],)"
       R"("unit":"demo.service","slice":"system.slice","user_unit":"app.service"})"},
      {"a container only",
       {.container_id = "c0", .runtime = "lxc"},
       R"("PID":{"EVENT_ID":"1700000000.500:1","container":{"id":"c0","runtime":"lxc"}})"},
      {"a unit only",
       {.unit = "a.service", .slice = "a.slice", .services = "a"},
       R"("PID":{"EVENT_ID":"1700000000.500:1","systemd_service":["a"],"unit":"a.service",)"
       R"("slice":"a.slice"})"},
      {"namespaces only", {.pid_namespace = 5}, R"("PID":{"EVENT_ID":"1700000000.500:1"})"},
      {"a name that is no UTF-8",
       {.container_id = "c\xff", .runtime = "lxc"},
       R"("container":{"id":"c%ff","runtime":"lxc"})"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Stage stage;
    Line line = stage.exec(1);
    stage.set_facts(row.facts);
    const std::string json = stage.annotated(line);
    INFO(json);
    CHECK(has(json, row.part));
  }
}

TEST_CASE("what is switched off is not there", "[enricher][host]") {
  Options options;
  options.container = options.systemd = false;
  Stage stage(options);
  Line line = stage.exec(1);
  stage.set_facts(kFacts);
  CHECK(has(stage.annotated(line), R"("PID":{"EVENT_ID":"1700000000.500:1"})"));
  options.pid = options.parent_details = false;
  Stage none(options);
  Line other = none.exec(1);
  CHECK_FALSE(has(none.annotated(other), R"("PID")"));
}

TEST_CASE("the environment is beside the arguments, whatever its names are", "[enricher][host]") {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view bytes;
    const char* part;
  };
  const Row rows[] = {
      {"LD_PRELOAD=/x.so\0"sv, R"("ENV":{"LD_PRELOAD":"/x.so"})"},
      {"A=\0"sv, R"("ENV":{"A":""})"},
      {""sv, R"("ENV":{})"},
      {"A\"\\\n=b\"\0B\xff=\x01\0"sv, R"("ENV":{"A\"\\%0a":"b\"","B%ff":"%01"})"},
      {"A=1=2\0A=3\0"sv, R"("ENV":{"A":"1=2"})"},  // getenv() takes the first
      {"%41=p\0"sv, R"("ENV":{"%2541":"p"})"},
  };
  for (const Row& row : rows) {
    for (const bool keeps : {false, true}) {
      Stage stage;
      Line line = stage.exec(1);
      const std::string json = stage.annotated(line, said("", &environment(row.bytes)), keeps);
      INFO(json);
      CHECK(has(json, row.part));
    }
  }
}

TEST_CASE("a hash and a mark are in the record of the call", "[enricher][host]") {
  struct Row {
    HostAnswer answer;
    const char* there;
    const char* absent;
  };
  const Row rows[] = {
      {{}, R"("SYSCALL":{)", R"("PROC")"},
      {said("late"), R"("PROC":"late")", R"("ENV")"},
      {said("skipped"), R"("PROC":"skipped")", R"("EXE_HASH")"},
      {said("ended"), R"("PROC":"ended")", R"("EXE_HASH")"},
      {said("", nullptr, "00ff"), R"("EXE_HASH":"00ff")", R"("PROC")"},
  };
  for (const Row& row : rows) {
    Stage stage;
    Line line = stage.exec(1);
    const std::string json = stage.annotated(line, row.answer);
    INFO(json);
    CHECK(has(json, row.there));
    CHECK_FALSE(has(json, row.absent));
  }
}

TEST_CASE("a session names the event that opened it", "[enricher][host]") {
  Stage stage;
  stage.sessions->open(3, 1000, "1700000000.100:9");
  stage.sessions->describe(3, 1000, {.exe = "/usr/sbin/sshd", .address = "192.0.2.7"});
  Line line = stage.exec(1);
  CHECK(has(stage.annotated(line), R"("SESSION":{"EVENT_ID":"1700000000.100:9",)"
                                   R"("exe":"/usr/sbin/sshd","addr":"192.0.2.7"})"));
}

// Under the address sanitizer this fails when one byte of what is added is not the event's own.
TEST_CASE("an event that is kept needs nothing of what it was annotated from", "[enricher][host]") {
  auto stage = std::make_unique<Stage>();
  ProcProcess parent{.pid = 7, .ppid = 1, .start_ticks = 5, .start_ms = 1'699'999'000'000};
  parent.comm = "a-parent";
  parent.exe = "/usr/sbin/a-parent";
  stage->table->add_from_proc(parent);
  stage->sessions->open(3, 1000, "1700000000.100:9");
  stage->sessions->describe(3, 1000, {.exe = "/usr/sbin/sshd", .address = "192.0.2.7"});
  Line line = stage->exec(1);
  stage->set_facts(kFacts);
  auto variables = std::make_unique<host::Environment>();
  variables->fill("LD_PRELOAD=/x.so", host::EnvironmentSelection({"LD_*"}));
  auto hash = std::make_unique<std::string>(64, 'a');

  Line same = stage->exec(1);
  const std::string before = stage->annotated(same, said("", variables.get(), *hash), false);
  stage->enricher.annotate(line.event(), said("", variables.get(), *hash), true);
  // The table changes, forgets, and goes.
  stage->set_facts({.unit = "another.service"});
  stage->sessions->open(3, 1000, "1700000000.900:99");
  stage->table->end(300, 1'700'000'001'000);
  stage->table->expire(1'800'000'000'000);
  variables->fill("LD_PRELOAD=/another.so", host::EnvironmentSelection({"LD_*"}));
  variables.reset();
  hash.reset();
  stage.reset();
  const std::string json = line.json();
  INFO(json);
  for (const char* const part :
       {R"("comm":"a-parent","exe":"/usr/sbin/a-parent")", R"("unit":"demo.service")",
        R"("id":"c0ffee","runtime":"docker")", R"("systemd_service":["user@1000","app"])",
        R"("SESSION":{"EVENT_ID":"1700000000.100:9","exe":"/usr/sbin/sshd")",
        R"("ENV":{"LD_PRELOAD":"/x.so"})", R"("EXE_HASH":"aaaa)"}) {
    CHECK(has(json, part));
    CHECK(has(before, part));
  }
}

TEST_CASE("an event that was learned before others is annotated as its own", "[enricher][host]") {
  Stage stage;
  Line first = stage.exec(1);
  Line second = stage.exec(2);
  const std::string json = stage.annotated(first, {}, true);
  CHECK(has(json, R"("PID":{"EVENT_ID":"1700000000.500:1")"));
  CHECK(has(stage.annotated(second, {}, true), R"("PID":{"EVENT_ID":"1700000000.500:2")"));
}

}  // namespace sorrel::enrich
