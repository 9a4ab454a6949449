// The threads that look things up for the pipeline: names, hashes, /proc. No test waits for a time
// to pass, but for something to happen; the bound is for a test that fails.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "catch.h"
#include "sorreld/hash_worker.h"
#include "sorreld/host_watch.h"
#include "sorreld/name_resolver.h"
#include "sorreld/process_reader.h"
#include "sorreld/worker_thread.h"
#include "support.h"
#include "temp_root.h"

namespace sorrel::agent {
namespace {

using host::NameState;
using host::TempRoot;
namespace part = host::part;

bool happens(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Closed at first; who comes waits until the test opens it.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opens_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    opens_.wait(lock, [this] { return is_open_; });
    --waiting_;
  }
  bool is_waited_for() {
    const std::lock_guard lock(mutex_);
    return waiting_ > 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable opens_;
  bool is_open_ = false;
  int waiting_ = 0;
};

// A name service that answers only when the gate is open.
class SlowNames final : public host::NameSource {
 public:
  NameState user_name(std::uint32_t uid, std::string& name) override {
    ++calls;
    if (is_slow.load()) gate.pass();
    if (fails.load()) return NameState::failed;
    if (uid != 5000) return NameState::absent;
    name = "ldap-user";
    return NameState::found;
  }
  NameState group_name(std::uint32_t gid, std::string& name) override {
    ++calls;
    if (gid != 5000) return NameState::absent;
    name = "ldap-group";
    return NameState::found;
  }
  NameState groups_of(std::uint32_t uid, std::vector<std::uint32_t>& gids) override {
    ++calls;
    if (uid != 5000) return NameState::absent;
    gids = {5000, 5001};
    return NameState::found;
  }

  Gate gate;
  std::atomic<bool> is_slow{false};
  std::atomic<bool> fails{false};
  std::atomic<int> calls{0};
};

struct Names {
  explicit Names(bool is_slow = false) {
    source.is_slow = is_slow;
    auto made = NameResolver::create(source, clock);
    REQUIRE(made);
    resolver = *std::move(made);
  }
  bool comes(bool is_group, std::uint32_t id, std::string_view name) {
    return happens([&] { return resolver->name(is_group, id) == name; });
  }

  ManualClock clock;
  SlowNames source;
  std::unique_ptr<NameResolver> resolver;
};

}  // namespace

TEST_CASE("a name comes later, and is then there at once", "[sorreld][names]") {
  Names names;
  CHECK_FALSE(names.resolver->name(false, 5000));
  names.resolver->start();
  CHECK(names.comes(false, 5000, "ldap-user"));
  CHECK(names.comes(true, 5000, "ldap-group"));
  CHECK(names.source.calls == 2);
  CHECK(names.resolver->name(false, 5000) == "ldap-user");
  CHECK(names.source.calls == 2);
}

TEST_CASE("the groups of a user come later, the primary one first", "[sorreld][names]") {
  Names names;
  CHECK(names.resolver->groups_of(5000).empty());
  CHECK(names.resolver->groups_of(1).empty());
  names.resolver->start();
  CHECK(happens([&] { return names.resolver->groups_of(5000).size() == 2; }));
  CHECK(names.resolver->groups_of(5000)[0] == "ldap-group");
  CHECK(names.resolver->groups_of(5000)[1] == "#5001");
  CHECK(names.resolver->asked() == 2);
  CHECK(names.resolver->groups_of(1).empty());
  // A user's and his groups' answers do not take each other's place.
  CHECK(names.comes(false, 5000, "ldap-user"));
  CHECK(names.resolver->groups_of(5000).size() == 2);
}

TEST_CASE("a service that does not answer delays nobody", "[sorreld][names]") {
  Names names(true);
  names.resolver->start();
  CHECK_FALSE(names.resolver->name(false, 5000));
  REQUIRE(happens([&] { return names.source.gate.is_waited_for(); }));
  // The thread stands in the service now; the questions come back without an answer, at once.
  for (std::uint32_t uid = 6000; uid < 6100; ++uid) CHECK_FALSE(names.resolver->name(false, uid));
  CHECK(names.source.calls == 1);
  names.source.gate.open();
  CHECK(names.comes(false, 5000, "ldap-user"));
}

TEST_CASE("a user whom nobody knows is asked about once", "[sorreld][names]") {
  Names names;
  names.resolver->start();
  CHECK_FALSE(names.resolver->name(false, 1));
  REQUIRE(happens([&] { return names.source.calls == 1; }));
  // Another's answer comes behind that of the first.
  CHECK(names.comes(false, 5000, "ldap-user"));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(names.resolver->name(false, 1));
  CHECK(names.resolver->asked() == 2);
  names.clock.advance_ms(301'000);
  CHECK_FALSE(names.resolver->name(false, 1));
  CHECK(names.resolver->asked() == 3);
}

TEST_CASE("a name holds while it is asked for again, even of a dead service", "[sorreld][names]") {
  Names names;
  names.resolver->start();
  REQUIRE(names.comes(false, 5000, "ldap-user"));
  names.clock.advance_ms(1'900'000);
  names.source.fails = true;
  CHECK(names.resolver->name(false, 5000) == "ldap-user");
  CHECK(names.resolver->asked() == 2);
  REQUIRE(happens([&] { return names.source.calls == 2; }));
  names.resolver->stop();
  CHECK(names.resolver->name(false, 5000) == "ldap-user");
}

TEST_CASE("what does not fit into the queue of names is counted and asked later",
          "[sorreld][names]") {
  Names names;
  for (std::uint32_t uid = 0; uid < 300; ++uid) CHECK_FALSE(names.resolver->name(false, uid));
  CHECK(names.resolver->asked() == 256);
  CHECK(names.resolver->dropped() == 44);
  CHECK_FALSE(names.resolver->name(false, 5000));
  names.resolver->start();
  CHECK(names.comes(false, 5000, "ldap-user"));
}

TEST_CASE("a worker that hangs does not hold up the end", "[sorreld][names]") {
  Names names(true);
  names.resolver->start();
  names.resolver->name(false, 5000);
  REQUIRE(happens([&] { return names.source.gate.is_waited_for(); }));
  CHECK_FALSE(names.resolver->stop(1));
  names.source.gate.open();
  CHECK(names.resolver->stop());
}

TEST_CASE("a thread that was not started has ended", "[sorreld][workers]") {
  WorkerThread thread;
  CHECK(thread.join(0));
  CHECK(thread.join(WorkerThread::kForEver));
  std::atomic<bool> has_run{false};
  WorkerThread other;
  other.start("test", [&] { has_run = true; });
  CHECK(other.join(WorkerThread::kForEver));
  CHECK(has_run);
}

namespace {

struct Hashes {
  explicit Hashes(host::ExeHashOptions options = {})
      : worker(options, [this](const LateAnswer& result) {
          const std::lock_guard lock(mutex);
          if (is_stuck) return false;
          results.push_back(result);
          return true;
        }) {}
  ~Hashes() { worker.stop(); }

  std::size_t count() {
    const std::lock_guard lock(mutex);
    return results.size();
  }
  void hash(const std::string& path, const std::string& event_id) {
    worker.hash(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, event_id, 300);
  }
  static host::FileId id_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return host::file_id(status);
  }

  std::mutex mutex;
  bool is_stuck = false;
  std::vector<LateAnswer> results;
  HashWorker worker;
};

constexpr const char* kHashOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4, appendix B.1

}  // namespace

TEST_CASE("a program is hashed once, and remembered", "[sorreld][hash]") {
  const TempRoot root;
  root.write("/abc", "abc");
  Hashes hashes;
  const host::FileId file = Hashes::id_of(root.path + "/abc");
  CHECK_FALSE(hashes.worker.find(file));
  // Both were asked for before either was done.
  hashes.hash(root.path + "/abc", "1.000:1");
  hashes.hash(root.path + "/abc", "1.000:2");
  hashes.worker.start();
  REQUIRE(happens([&] { return hashes.count() == 2; }));
  CHECK(hashes.results[0].event_id == "1.000:1");
  CHECK(hashes.results[1].event_id == "1.000:2");
  CHECK(hashes.results[0].pid == 300);
  for (const LateAnswer& result : hashes.results) CHECK(host::to_hex(result.digest) == kHashOfAbc);
  REQUIRE(hashes.worker.find(file));
  CHECK(host::to_hex(*hashes.worker.find(file)) == kHashOfAbc);
}

TEST_CASE("too large a file has no hash, and the next one has", "[sorreld][hash]") {
  const TempRoot root;
  root.write("/large", std::string(100, 'x'));
  root.write("/abc", "abc");
  Hashes hashes({.max_file_bytes = 10, .cache_entries = 4});
  hashes.hash(root.path + "/large", "1.000:1");
  hashes.hash(root.path + "/none", "1.000:2");
  hashes.hash(root.path + "/abc", "1.000:3");
  hashes.worker.start();
  REQUIRE(happens([&] { return hashes.count() == 1; }));
  CHECK(hashes.results[0].event_id == "1.000:3");
  CHECK(hashes.worker.dropped() == 0);
}

TEST_CASE("files beyond the queue, and hashes that nobody takes, are counted", "[sorreld][hash]") {
  const TempRoot root;
  root.write("/abc", "abc");
  Hashes hashes;
  for (std::size_t i = 0; i < HashWorker::kMaxWaiting + 3; ++i) hashes.worker.hash({}, "", "", 0);
  CHECK(hashes.worker.dropped() == 3);
  Hashes stuck;
  stuck.is_stuck = true;
  stuck.hash(root.path + "/abc", "1.000:1");
  stuck.worker.start();
  CHECK(happens([&] { return stuck.worker.dropped() == 1; }));
}

namespace {

// A host with one process, 300, that runs /bin/tool in a container.
struct FakeHost : TempRoot {
  FakeHost() {
    write("/proc/stat", "btime 1700000000\n");
    add(300, "/bin/tool");
    write("/bin/tool", "abc");
  }
  void add(std::uint32_t pid, const std::string& exe) const {
    const std::string folder = "/proc/" + std::to_string(pid);
    write(folder + "/stat", host::stat_text(pid, "tool", 'S', 1, 0x400000, 250));
    link(folder + "/exe", exe);
    write(folder + "/cgroup", "0::/system.slice/docker-" + std::string(64, 'a') + ".scope\n");
    link(folder + "/ns/pid", "pid:[4026531836]");
    link(folder + "/ns/mnt", "mnt:[4026531841]");
    write(folder + "/environ", std::string_view("A=1\0LD_PRELOAD=/x.so\0", 21));
    write(folder + "/loginuid", "1000");
    write(folder + "/sessionid", "3");
  }
};

constexpr std::uint32_t kExecParts =
    part::kStat | part::kExe | part::kNamespaces | part::kCgroup | part::kEnvironment;

struct Reader {
  explicit Reader(const FakeHost& fake, enrich::Options options = {},
                  HashWorker* hashes = nullptr) {
    auto proc = host::ProcFs::open(fake.path, host::EnvironmentSelection({"LD_*"}), 100);
    REQUIRE(proc);
    auto made =
        ProcessReader::create(*std::move(proc), options, clock, hashes, [this] { ++calls; });
    REQUIRE(made);
    reader = *std::move(made);
  }
  bool ask(std::uint32_t pid, const char* exe = "/bin/tool", std::uint32_t parts = kExecParts) {
    ProcessQuestion* const question = reader->next_question();
    if (question == nullptr) return false;
    *question = {};
    question->ticket = ++ticket;
    question->pid = pid;
    question->is_exec = true;
    question->parts = parts;
    question->exe = exe;
    question->event_id = "1.000:" + std::to_string(ticket);
    reader->ask();
    return true;
  }
  ProcessAnswer& answer() {
    reader->flush();
    REQUIRE(happens([&] { return reader->has_answer(); }));
    return *reader->front();
  }

  SystemClock clock;
  std::atomic<int> calls{0};
  Ticket ticket = 0;
  std::unique_ptr<ProcessReader> reader;
};

}  // namespace

TEST_CASE("the reader answers in order, and tells that it has", "[sorreld][proc]") {
  const FakeHost fake;
  Reader reader(fake);
  reader.ask(300);
  reader.ask(999);
  reader.reader->start();
  const ProcessAnswer& first = reader.answer();
  CHECK(first.ticket == 1);
  CHECK(first.event_id == "1.000:1");
  CHECK(first.result == host::ProcRead::complete);
  CHECK(first.facts.exe == "/bin/tool");
  CHECK(first.facts.cgroup.container_id == std::string(64, 'a'));
  REQUIRE(first.facts.environment.variables().size() == 1);
  CHECK(first.facts.environment.variables()[0].name == "LD_PRELOAD");
  CHECK_FALSE(first.is_other_program);
  reader.reader->pop();
  CHECK(reader.answer().ticket == 2);
  CHECK(reader.answer().result == host::ProcRead::missing);
  reader.reader->pop();
  CHECK_FALSE(reader.reader->has_answer());
  CHECK(reader.calls >= 1);
  CHECK(reader.reader->counters().read.value() == 2);
  CHECK(reader.reader->counters().missing.value() == 1);
}

TEST_CASE("another program than the event's is told", "[sorreld][proc]") {
  struct Row {
    const char* said;  // by the event
    bool is_other;
  };
  const Row rows[] = {
      {"/bin/tool", false},
      {"/tool", false},  // the event's path begins at the root of a jail
      {"/bin/tool (deleted)", false},
      {"", false},  // not known
      {"(null)", false},
      {"/bin/tool2", true},
      {"/usr/bin/env", true},
  };
  const FakeHost fake;
  Reader reader(fake);
  reader.reader->start();
  for (const Row& row : rows) {
    reader.ask(300, row.said);
    CHECK(reader.answer().is_other_program == row.is_other);
    reader.reader->pop();
  }
}

TEST_CASE("a part that /proc does not give is missing, and no more", "[sorreld][proc]") {
  const FakeHost fake;
  REQUIRE(::unlink((fake.path + "/proc/300/environ").c_str()) == 0);
  Reader reader(fake);
  reader.reader->start();
  reader.ask(300);
  CHECK(reader.answer().result == host::ProcRead::complete);
  CHECK_FALSE(reader.answer().facts.knows(part::kEnvironment));
  CHECK(reader.answer().facts.knows(part::kExe));
  reader.reader->pop();
  // A zombie has neither, and ended is what it is.
  fake.write("/proc/300/stat", host::stat_text(300, "tool", 'Z', 1, 0x400000, 250));
  reader.ask(300);
  CHECK(reader.answer().result == host::ProcRead::ended);
}

TEST_CASE("a full ring of answers holds questions back, and loses none", "[sorreld][proc]") {
  const FakeHost fake;
  Reader reader(fake);
  reader.reader->start();
  constexpr std::uint64_t kPlaces = ProcessReader::kPlaces;
  // Nobody takes an answer: the places fill up, then those of the questions.
  std::uint64_t asked = 0;
  const auto ask_more = [&] {
    while (reader.ask(300)) ++asked;
    reader.reader->flush();
    return asked == 2 * kPlaces;
  };
  REQUIRE(happens(ask_more));
  CHECK(reader.reader->next_question() == nullptr);
  for (Ticket ticket = 1; ticket <= asked; ++ticket) {
    REQUIRE(reader.answer().ticket == ticket);
    reader.reader->pop();
  }
  CHECK(reader.reader->counters().read.value() == 2 * kPlaces);
}

TEST_CASE("the list of pids comes with its time", "[sorreld][proc]") {
  const FakeHost fake;
  fake.add(301, "/bin/tool");
  Reader reader(fake);
  const std::uint64_t before_ms = reader.clock.realtime_ns() / 1'000'000;
  ProcessQuestion* const question = reader.reader->next_question();
  *question = {};
  question->about = ProcessQuestion::About::all_pids;
  reader.reader->ask();
  reader.reader->start();
  ProcessAnswer& answer = reader.answer();
  CHECK(answer.result == host::ProcRead::complete);
  std::sort(answer.pids.begin(), answer.pids.end());
  CHECK(answer.pids == std::vector<std::uint32_t>{300, 301});
  CHECK(answer.listed_ms >= before_ms);
}

TEST_CASE("a hash that is remembered is in the answer, one of another program is not",
          "[sorreld][proc][hash]") {
  const FakeHost fake;
  Hashes hashes;
  enrich::Options options;
  options.hash.enabled = true;
  Reader reader(fake, options, &hashes.worker);
  hashes.hash(fake.path + "/bin/tool", "1.000:99");
  hashes.worker.start();
  REQUIRE(happens([&] { return hashes.count() == 1; }));
  reader.reader->start();
  reader.ask(300, "/bin/tool", kExecParts | part::kExeFile);
  REQUIRE(reader.answer().exe_hash);
  CHECK(host::to_hex(*reader.answer().exe_hash) == kHashOfAbc);
  reader.reader->pop();
  reader.ask(300, "/bin/other", kExecParts | part::kExeFile);
  CHECK_FALSE(reader.answer().exe_hash);
  reader.reader->pop();
}

TEST_CASE("the reader ends with questions left", "[sorreld][proc]") {
  const FakeHost fake;
  Reader reader(fake);
  for (int i = 0; i < 100; ++i) reader.ask(300);
  reader.reader->start();
  CHECK(reader.reader->stop());
  CHECK(reader.reader->stop());  // again is no harm
}

TEST_CASE("this host is open, its namespace and processes known before the threads run",
          "[sorreld][host]") {
  const SystemClock clock;
  enrich::Options options;
  options.hash.enabled = true;
  HostWatch watch(options, clock);
  watch.open({.has_answers = [] {}, .has_hash = [](const LateAnswer&) { return true; }});
  REQUIRE(watch.is_open());
  CHECK(watch.knowledge().pid_namespace != 0);
  watch.seed();
  const auto self = static_cast<std::uint32_t>(::getpid());
  const enrich::Process* const process = watch.knowledge().table.find(self);
  REQUIRE(process != nullptr);
  CHECK(process->is_current());
  CHECK(watch.knowledge().table.text(process->exe).ends_with("test_sorreld"));
  const enrich::Process* const parent = watch.knowledge().table.parent(*process);
  REQUIRE(parent != nullptr);
  CHECK(parent->pid == static_cast<std::uint32_t>(::getppid()));
  watch.start();
  watch.stop();
}

}  // namespace sorrel::agent
