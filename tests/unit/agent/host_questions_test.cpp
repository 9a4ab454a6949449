#include "pipeline/host_questions.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "catch.h"
#include "pipeline/enrichment.h"

namespace sorrel::agent {
namespace {

namespace part = host::part;
using enrich::Processes;

constexpr std::uint64_t kStartMs = 1'700'000'000'000;
constexpr std::uint64_t kSecondNs = 1'000'000'000;

// Keeps the questions; the test answers them, when and as it likes.
class FakeLookup final : public ProcessLookup {
 public:
  ProcessQuestion* next_question() override {
    if (asked.size() == places) return nullptr;
    next = {};
    return &next;
  }
  void ask() override { asked.push_back(next); }
  void flush() override { ++flushes; }
  ProcessAnswer* front() override { return answers.empty() ? nullptr : &answers.front(); }
  void pop() override { answers.pop_front(); }
  bool has_answer() const override { return !answers.empty(); }

  // The answer to a question, as of a process that began at kStartMs and lives.
  ProcessAnswer& answer(const ProcessQuestion& question) {
    ProcessAnswer& answer = answers.emplace_back();
    answer.ticket = question.ticket;
    answer.about = question.about;
    answer.pid = question.pid;
    answer.id = question.id;
    answer.parts = question.parts;
    answer.event_id = question.event_id;
    answer.result = host::ProcRead::complete;
    answer.facts.pid = question.pid;
    answer.facts.ppid = 1;
    answer.facts.start_ticks = 5;
    answer.facts.start_ns = kStartMs * 1'000'000;
    answer.facts.known = question.parts;
    return answer;
  }

  std::size_t places = 256;
  ProcessQuestion next;
  std::vector<ProcessQuestion> asked;
  std::deque<ProcessAnswer> answers;
  int flushes = 0;
};

struct Stage {
  explicit Stage(enrich::Options chosen = {}) : options(std::move(chosen)) { reload(); }

  // Another annotator's questions take over, as after SIGHUP.
  void reload() { questions.emplace(options, knowledge, counters, lookup); }

  Processes::Lesson see(std::uint32_t pid, bool is_exec, std::uint32_t unknown_parent = 0) {
    const Processes::Lesson lesson{.pid = pid,
                                   .is_exec = is_exec,
                                   .is_first = knowledge.table.find(pid) == nullptr,
                                   .ppid = unknown_parent};
    event.clear();
    event.id = {.seconds = kStartMs / 1000 + 10, .serial = ++serial, .milliseconds = 0};
    const std::string id = std::to_string(event.id.seconds) + ".000:" + std::to_string(serial);
    enrich::Sighting sighting{.pid = pid, .ppid = unknown_parent == 0 ? 1 : unknown_parent};
    sighting.exe = "/bin/tool";
    sighting.comm = "tool";
    sighting.id = id;
    sighting.time_ms = event.id.time_ms();
    is_exec ? knowledge.table.exec(sighting) : knowledge.table.see(sighting);
    return lesson;
  }
  Ticket learn(std::uint32_t pid, bool is_exec, std::uint32_t unknown_parent = 0) {
    const Processes::Lesson lesson = see(pid, is_exec, unknown_parent);
    return questions->learned(event, lesson);
  }
  const enrich::ProcessFacts& facts(std::uint32_t pid) const {
    const enrich::Process* const process = knowledge.table.find(pid);
    REQUIRE(process != nullptr);
    return knowledge.table.facts(*process);
  }

  enrich::Options options;
  ProcessKnowledge knowledge{options.processes};
  EnrichmentCounters counters;
  FakeLookup lookup;
  std::optional<HostQuestions> questions;
  event::Event event;
  std::uint32_t serial = 0;
};

void put_cgroup(ProcessAnswer& answer, std::string_view text) {
  answer.facts.cgroup_text = text;
  answer.facts.cgroup = host::parse_cgroup(answer.facts.cgroup_text);
}

}  // namespace

TEST_CASE("an exec is asked about, and waits", "[questions]") {
  Stage stage;
  stage.options.hash.enabled = true;
  stage.reload();
  const Ticket ticket = stage.learn(300, true);
  CHECK(ticket != 0);
  CHECK_FALSE(stage.event.not_asked);
  REQUIRE(stage.lookup.asked.size() == 1);
  const ProcessQuestion& question = stage.lookup.asked[0];
  CHECK(question.ticket == ticket);
  CHECK(question.pid == 300);
  CHECK(question.is_exec);
  CHECK((question.parts & (part::kEnvironment | part::kExeFile | part::kCgroup)) ==
        (part::kEnvironment | part::kExeFile | part::kCgroup));
  CHECK(question.event_id == "1700000010.000:1");
  CHECK(question.exe == "/bin/tool");
  CHECK(question.id.size != 0);
  CHECK(stage.counters.asked.value() == 1);
  CHECK(stage.learn(300, true) > ticket);
}

TEST_CASE("a process seen without an exec is asked about once, and nothing waits", "[questions]") {
  Stage stage;
  CHECK(stage.learn(300, false) == 0);
  CHECK(stage.learn(300, false) == 0);
  REQUIRE(stage.lookup.asked.size() == 1);
  CHECK(stage.lookup.asked[0].ticket == 0);
  CHECK_FALSE(stage.lookup.asked[0].is_exec);
  CHECK((stage.lookup.asked[0].parts & part::kEnvironment) == 0);
}

TEST_CASE("nothing is asked that no option wants", "[questions]") {
  Stage stage;
  stage.options.container = stage.options.systemd = false;
  stage.options.environment.clear();
  stage.reload();
  stage.learn(300, true);
  REQUIRE(stage.lookup.asked.size() == 1);
  CHECK((stage.lookup.asked[0].parts & (part::kEnvironment | part::kExeFile | part::kCgroup)) == 0);
}

TEST_CASE("an unknown parent is asked about first, and once a second", "[questions]") {
  Stage stage;
  stage.learn(300, true, 77);
  REQUIRE(stage.lookup.asked.size() == 2);
  CHECK(stage.lookup.asked[0].pid == 77);
  CHECK(stage.lookup.asked[0].ticket == 0);
  CHECK(stage.lookup.asked[0].id.size == 0);
  CHECK(stage.lookup.asked[1].pid == 300);
  // The parent has gone, and each of the child's events says so again.
  for (int i = 0; i < 10; ++i) stage.learn(300, false, 77);
  CHECK(stage.lookup.asked.size() == 2);
  stage.questions->tick(kSecondNs);
  stage.lookup.asked.clear();
  stage.learn(300, false, 77);
  CHECK(stage.lookup.asked.size() == 1);
}

TEST_CASE("beyond the number a second an exec is marked, counted, and does not wait",
          "[questions]") {
  Stage stage;
  stage.options.processes.reads_per_second = 3;
  stage.reload();
  for (std::uint32_t pid = 300; pid < 303; ++pid) CHECK(stage.learn(pid, true) != 0);
  CHECK(stage.learn(303, true) == 0);
  CHECK(stage.event.not_asked);
  CHECK(stage.counters.asked.value() == 3);
  CHECK(stage.counters.skipped.value() == 1);
  // Events whose stamps jump do not make it more.
  stage.event.id.seconds += 5;
  CHECK(stage.learn(304, true) == 0);
  stage.questions->tick(kSecondNs);
  CHECK(stage.learn(305, true) != 0);
  CHECK_FALSE(stage.event.not_asked);
}

TEST_CASE("when too many questions wait, an exec is marked and does not wait", "[questions]") {
  Stage stage;
  stage.lookup.places = 1;
  CHECK(stage.learn(300, true) != 0);
  CHECK(stage.learn(301, true) == 0);
  CHECK(stage.event.not_asked);
  CHECK(stage.counters.skipped.value() == 1);
}

TEST_CASE("an exec that is not to wait is asked about all the same", "[questions]") {
  Stage stage;
  stage.options.processes.wait_ms = 0;
  stage.options.hash.enabled = true;
  stage.reload();
  CHECK(stage.learn(300, true) == 0);
  CHECK_FALSE(stage.event.not_asked);
  REQUIRE(stage.lookup.asked.size() == 1);
  // Its hash, though known at once, comes apart.
  stage.lookup.answer(stage.lookup.asked[0]).exe_hash = host::Sha256{};
  CHECK(stage.questions->next_answer());
  REQUIRE(stage.questions->late_answer());
  CHECK(stage.questions->late_answer()->event_id == "1700000010.000:1");
}

TEST_CASE("an answer is its event's, and the table's", "[questions]") {
  Stage stage;
  const Ticket ticket = stage.learn(300, true);
  ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
  answer.facts.environment.fill(std::string_view("LD_PRELOAD=/x.so\0", 17),
                                host::EnvironmentSelection({"LD_*"}));
  answer.exe_hash = host::Sha256{0xab};
  put_cgroup(answer, "0::/system.slice/tool.service\n");
  REQUIRE(stage.questions->has_answers());
  REQUIRE(stage.questions->next_answer() == ticket);
  const enrich::HostAnswer said = stage.questions->answer();
  CHECK(said.missing.empty());
  REQUIRE(said.environment != nullptr);
  CHECK(said.environment->variables()[0].value == "/x.so");
  CHECK(said.exe_hash.substr(0, 4) == "ab00");
  CHECK(stage.facts(300).unit == "tool.service");
  CHECK_FALSE(stage.questions->next_answer());
  CHECK_FALSE(stage.questions->has_answers());
  CHECK(stage.questions->answer().environment == nullptr);
}

TEST_CASE("a late answer still fills the table, and its hash is told apart", "[questions]") {
  Stage stage;
  stage.options.hash.enabled = true;
  stage.reload();
  const Ticket ticket = stage.learn(300, true);
  stage.learn(300, false);
  ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
  answer.exe_hash = host::Sha256{};
  put_cgroup(answer, "0::/system.slice/tool.service\n");
  REQUIRE(stage.questions->next_answer() == ticket);
  REQUIRE(stage.questions->late_answer());
  CHECK(stage.questions->late_answer()->event_id == "1700000010.000:1");
  CHECK(stage.facts(300).unit == "tool.service");
}

TEST_CASE("what an answer misses is told, and never as if it were not there", "[questions]") {
  struct Row {
    host::ProcRead result;
    std::uint32_t unknown;  // parts
    bool is_other_program;
    const char* missing;
    bool has_environment;
  };
  const Row rows[] = {
      {host::ProcRead::complete, 0, false, "", true},
      // No cgroups in this kernel: that says nothing wrong of the event.
      {host::ProcRead::complete, part::kCgroup, false, "", true},
      {host::ProcRead::complete, part::kEnvironment, false, "unreadable", false},
      {host::ProcRead::complete, part::kExe | part::kEnvironment, false, "unreadable", false},
      {host::ProcRead::unreadable, part::kAll, false, "unreadable", false},
      {host::ProcRead::missing, part::kAll, false, "ended", false},
      {host::ProcRead::ended, part::kCgroup, false, "ended", true},
      {host::ProcRead::complete, 0, true, "replaced", false},
  };
  for (const Row& row : rows) {
    Stage stage;
    const Ticket ticket = stage.learn(300, true);
    ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
    answer.result = row.result;
    answer.facts.known &= ~row.unknown;
    answer.is_other_program = row.is_other_program;
    if (row.is_other_program) answer.exe_hash.reset();
    REQUIRE(stage.questions->next_answer() == ticket);
    const enrich::HostAnswer said = stage.questions->answer();
    CHECK(said.missing == row.missing);
    CHECK((said.environment != nullptr) == row.has_environment);
  }
}

TEST_CASE("what was not read leaves what was inherited", "[questions]") {
  Stage stage;
  stage.learn(300, true);
  put_cgroup(stage.lookup.answer(stage.lookup.asked[0]), "0::/system.slice/tool.service\n");
  stage.questions->next_answer();
  stage.learn(300, true);
  ProcessAnswer& ended = stage.lookup.answer(stage.lookup.asked[1]);
  ended.result = host::ProcRead::ended;
  ended.facts.known = part::kStat;
  stage.questions->next_answer();
  CHECK(stage.facts(300).unit == "tool.service");
}

TEST_CASE("a process that has the pid by now lends the event nothing", "[questions]") {
  Stage stage;
  const Ticket ticket = stage.learn(300, true);
  ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
  answer.facts.start_ns += 60 * kSecondNs;  // it began long after the event
  answer.facts.exe = "/bin/other";
  answer.facts.environment.fill("LD_PRELOAD=/other.so", host::EnvironmentSelection({"LD_*"}));
  answer.exe_hash = host::Sha256{};
  put_cgroup(answer, "0::/system.slice/other.service\n");
  REQUIRE(stage.questions->next_answer() == ticket);
  const enrich::HostAnswer said = stage.questions->answer();
  CHECK(said.missing == "ended");
  CHECK(said.environment == nullptr);
  CHECK(said.exe_hash.empty());
  CHECK_FALSE(stage.questions->late_answer());
  // The table has the new one, with what is its own.
  CHECK(stage.knowledge.table.text(stage.knowledge.table.find(300)->exe) == "/bin/other");
  CHECK(stage.facts(300).unit == "other.service");
}

TEST_CASE("an answer for a process that was forgotten is no error", "[questions]") {
  Stage stage;
  stage.knowledge.table.end(300, kStartMs);
  stage.learn(300, true);
  stage.knowledge.table.end(300, kStartMs + 10'000);
  stage.knowledge.table.expire(kStartMs + 10'000'000);
  REQUIRE(stage.knowledge.table.find(300) == nullptr);
  ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
  answer.result = host::ProcRead::missing;
  answer.facts.known = 0;
  CHECK(stage.questions->next_answer());
  CHECK(stage.questions->answer().missing == "ended");
  CHECK(stage.knowledge.table.find(300) == nullptr);
}

TEST_CASE("a reload keeps tickets unique, and the answers for the table", "[questions]") {
  Stage stage;
  const Ticket before = stage.learn(300, true);
  stage.reload();
  const Ticket after = stage.learn(301, true);
  CHECK(after > before);
  put_cgroup(stage.lookup.answer(stage.lookup.asked[0]), "0::/a.slice/old.service\n");
  put_cgroup(stage.lookup.answer(stage.lookup.asked[1]), "0::/a.slice/new.service\n");
  CHECK(stage.questions->next_answer() == before);
  CHECK(stage.questions->next_answer() == after);
  CHECK(stage.facts(300).unit == "old.service");
  CHECK(stage.facts(301).unit == "new.service");
}

TEST_CASE("the list of pids says who has ended, as of its own time", "[questions]") {
  Stage stage;
  for (const std::uint32_t pid : {300u, 301u, 302u}) stage.learn(pid, false);
  stage.lookup.asked.clear();
  stage.questions->tick(kSecondNs);
  REQUIRE(stage.lookup.asked.size() == 1);
  CHECK(stage.lookup.asked[0].about == ProcessQuestion::About::all_pids);
  CHECK(stage.lookup.flushes == 1);
  stage.questions->tick(100 * kSecondNs);
  CHECK(stage.lookup.asked.size() == 1);  // one list at a time
  stage.learn(302, false);                // it is there, whatever the list says
  const std::uint64_t listed_ms = kStartMs + 20'000;
  ProcessAnswer& answer = stage.lookup.answer(stage.lookup.asked[0]);
  answer.pids = {1, 300, 555};
  answer.listed_ms = listed_ms;
  CHECK_FALSE(stage.questions->next_answer());
  const enrich::ProcessTable& table = stage.knowledge.table;
  CHECK(table.find(300)->is_current());
  CHECK_FALSE(table.find(301)->is_current());
  CHECK(table.find(302)->is_current());
  // An event of its last moments, on its way all the while, is still its own.
  CHECK(table.find_at(301, listed_ms) != nullptr);
  CHECK(table.find_at(301, listed_ms + 1) == nullptr);
}

TEST_CASE("a list that cannot be read ends nobody", "[questions]") {
  Stage stage;
  stage.learn(300, false);
  stage.lookup.asked.clear();
  stage.questions->tick(kSecondNs);
  stage.lookup.answer(stage.lookup.asked[0]).result = host::ProcRead::unreadable;
  CHECK_FALSE(stage.questions->next_answer());
  CHECK(stage.knowledge.table.find(300)->is_current());
}

TEST_CASE("a reload within a sweep ends nobody who lives", "[questions]") {
  Stage stage;
  stage.learn(300, false);
  stage.lookup.asked.clear();
  stage.questions->tick(kSecondNs);
  stage.reload();
  stage.questions->tick(2 * kSecondNs);
  REQUIRE(stage.lookup.asked.size() == 2);
  for (const ProcessQuestion& question : stage.lookup.asked) {
    stage.lookup.answer(question).pids = {300};
    stage.lookup.answers.back().listed_ms = kStartMs + 20'000;
  }
  CHECK_FALSE(stage.questions->next_answer());
  CHECK(stage.knowledge.table.find(300)->is_current());
}

}  // namespace sorrel::agent
