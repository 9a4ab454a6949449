// The program itself: signals, exit statuses, the unix input. No root, no kernel.

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "catch.h"
#include "sorreld/command_line.h"
#include "support.h"

namespace sorrel::agent {
namespace {

using Catch::Matchers::Contains;
using test::TempFolder;

constexpr std::chrono::seconds kPatience{20};
constexpr uid_t kNobody = 65'534;

// Waits for what another process does: there is no clock to move.
bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// auditd's end of the af_unix plugin.
class Listener {
 public:
  explicit Listener(const std::string& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_.get(), 1) == 0);
  }
  void accept() {
    client_.reset(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(client_);
  }
  void send(const std::string& text) {
    REQUIRE(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void hang_up() { client_.reset(); }

 private:
  Fd fd_;
  Fd client_;
};

// A running sorreld; ended at the latest with the test.
class Sorreld {
 public:
  // `uid`: whom it runs as; the caller, unless that is root and another one is given.
  Sorreld(const TempFolder& folder, std::vector<std::string> words, uid_t uid = ::geteuid())
      : log_(folder.path("log")) {
    words.insert(words.begin(), SORREL_SORRELD);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (uid != ::geteuid() && (::setgid(uid) != 0 || ::setuid(uid) != 0)) ::_exit(126);
      const int log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::unsetenv("NOTIFY_SOCKET");
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~Sorreld() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Sorreld(const Sorreld&) = delete;
  Sorreld& operator=(const Sorreld&) = delete;

  void signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }
  pid_t pid() const noexcept { return pid_; }
  // The wait status; ended by the test when it takes too long.
  int wait() {
    int status = 0;
    const bool ended = eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; });
    INFO(log());
    REQUIRE(ended);
    pid_ = -1;
    return status;
  }
  int exit_status() {
    const int status = wait();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string log() const { return test::read_file(log_); }

 private:
  std::string log_;
  pid_t pid_ = -1;
};

std::string configuration(const TempFolder& folder, const std::string& more = "") {
  return "input: {unix: " + folder.path("socket") +
         "}\nnode: {fixed: test}\nstate_dir: " + folder.path() +
         "\ncontrol: {socket: " + folder.path("control.sock") + "}\n" + more +
         "outputs:\n  - {name: a, type: file, path: " + folder.path("events") + "}\n";
}

std::string message(int serial) {
  return "type=USER_CMD msg=audit(1700000000.000:" + std::to_string(serial) +
         "): pid=1 uid=0 msg='cmd=\"number" + std::to_string(serial) + "\" res=success'\n";
}

struct Running {
  explicit Running(const std::string& more = "")
      : listener(folder.path("socket")),
        config(folder.write("sorrel.yaml", configuration(folder, more))),
        daemon(folder, {"--config", config, "--stats-file", folder.path("stats")}) {
    listener.accept();
  }
  std::string events() const { return test::read_file(folder.path("events")); }
  bool has(const std::string& text) const { return events().find(text) != std::string::npos; }

  TempFolder folder;
  Listener listener;
  std::string config;
  Sorreld daemon;
};

}  // namespace

TEST_CASE("what arrives on the socket is written, and SIGTERM ends with all of it",
          "[sorreld][process]") {
  Running run;
  run.listener.send(message(1));
  CHECK(eventually([&] { return run.has("number1"); }));
  for (int i = 2; i <= 2'000; ++i) run.listener.send(message(i));
  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
  // What was sent before the signal is in.
  for (const int i : {2, 1'000, 2'000}) {
    CHECK(run.has("number" + std::to_string(i) + "\""));
  }
  const std::string events = run.events();
  const std::string last = events.substr(events.rfind('\n', events.size() - 2) + 1);
  CHECK_THAT(last, Contains("DAEMON_END"));
  CHECK_THAT(last, Contains("\"pid\":" + std::to_string(::getpid())));
  CHECK_THAT(last, Contains("\"res\":\"success\""));
  CHECK_THAT(test::read_file(run.folder.path("stats")), Contains("\"mode\":\"unix\""));
  CHECK_THAT(run.daemon.log(), Contains("statistics events=2002"));
}

TEST_CASE("it connects again when the other side hangs up", "[sorreld][process]") {
  Running run;
  run.listener.send(message(1));
  CHECK(eventually([&] { return run.has("number1"); }));
  run.listener.hang_up();
  run.listener.accept();
  run.listener.send(message(2));
  CHECK(eventually([&] { return run.has("number2"); }));
  run.daemon.signal(SIGINT);
  CHECK(run.daemon.exit_status() == kExitOk);
}

TEST_CASE("SIGHUP reopens a file that was moved away", "[sorreld][process]") {
  Running run;
  run.listener.send(message(1));
  CHECK(eventually([&] { return run.has("number1"); }));
  std::filesystem::rename(run.folder.path("events"), run.folder.path("events.old"));
  run.daemon.signal(SIGHUP);
  CHECK(eventually([&] { return std::filesystem::exists(run.folder.path("events")); }));
  run.listener.send(message(2));
  CHECK(eventually([&] { return run.has("number2"); }));
  CHECK_THAT(test::read_file(run.folder.path("events.old")), Contains("DAEMON_CONFIG"));
  CHECK(!run.has("number1"));
  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
}

TEST_CASE("SIGHUP takes a new configuration over", "[sorreld][process]") {
  Running run;
  std::string changed = configuration(run.folder, "json: {time_key: \"@timestamp\"}\n");
  changed.replace(changed.find("/events"), 7, "/second");
  run.folder.write("sorrel.yaml", changed + "events: {timeout: 7s}\n");
  run.daemon.signal(SIGHUP);
  CHECK(eventually([&] { return std::filesystem::exists(run.folder.path("second")); }));
  CHECK(eventually(
      [&] { return run.daemon.log().find("configuration read again") != std::string::npos; }));
  run.listener.send(message(1));
  const auto second = [&] { return test::read_file(run.folder.path("second")); };
  CHECK(eventually([&] { return second().find("number1") != std::string::npos; }));
  CHECK_THAT(second(), Contains("\"@timestamp\":"));
  CHECK(!run.has("number1"));
  CHECK(run.has("DAEMON_CONFIG"));
  CHECK_THAT(run.daemon.log(), Contains("option=events"));  // which needs a restart
  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
  CHECK_THAT(second(), Contains("DAEMON_END"));
}

TEST_CASE("a broken new configuration leaves the old one in force", "[sorreld][process]") {
  Running run;
  run.folder.write("sorrel.yaml", "input: {unix: x}\nno_such_option: 1\n");
  run.daemon.signal(SIGHUP);
  CHECK(eventually([&] { return run.has("DAEMON_CONFIG"); }));
  CHECK(run.has("\"state\":\"no-change\""));
  CHECK_THAT(run.daemon.log(), Contains("no_such_option"));
  run.listener.send(message(1));
  CHECK(eventually([&] { return run.has("number1"); }));
  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
}

TEST_CASE("SIGUSR1 logs the counters, SIGUSR2 and SIGPIPE do nothing", "[sorreld][process]") {
  Running run;
  run.daemon.signal(SIGUSR2);
  run.daemon.signal(SIGPIPE);
  run.daemon.signal(SIGUSR1);
  CHECK(eventually(
      [&] { return run.daemon.log().find("statistics events=1") != std::string::npos; }));
  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
}

TEST_CASE("the service manager is told", "[sorreld][process]") {
  const TempFolder folder;
  const Fd manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder.path("notify");
  std::memcpy(address.sun_path, path.data(), path.size());
  REQUIRE(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
  ::setsockopt(manager.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto next = [&] {
    char text[256];
    const ssize_t size = ::recv(manager.get(), text, sizeof text, 0);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
  };
  Listener listener(folder.path("socket"));
  const std::string config = folder.write("sorrel.yaml", configuration(folder));
  const std::string shell =
      "NOTIFY_SOCKET=" + path + " exec " SORREL_SORRELD " --config " + config + " 2>/dev/null";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl("/bin/sh", "sh", "-c", shell.c_str(), nullptr);
    ::_exit(127);
  }
  CHECK(next() == "READY=1");
  ::kill(pid, SIGHUP);
  CHECK_THAT(next(), Catch::Matchers::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(next() == "READY=1");
  ::kill(pid, SIGTERM);
  CHECK(next() == "STOPPING=1");
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(WEXITSTATUS(status) == kExitOk);
}

TEST_CASE("sorrelctl asks a running daemon, and a second daemon leaves it alone",
          "[sorreld][process]") {
  Running run;
  const std::string socket = run.folder.path("control.sock");
  CHECK(eventually([&] { return ::access(socket.c_str(), F_OK) == 0; }));
  const auto ask = [&](const std::string& command) {
    const std::string line = std::string(SORREL_SORRELCTL) + " " + command + " --socket " + socket +
                             " >" + run.folder.path("out") + " 2>&1";
    const int status = std::system(line.c_str());
    return std::pair(WEXITSTATUS(status), test::read_file(run.folder.path("out")));
  };
  run.listener.send(message(1));
  CHECK(eventually(
      [&] { return ask("status").second.find("events              2\n") != std::string::npos; }));
  const auto [status, json] = ask("status --json");
  CHECK(status == 0);
  CHECK_THAT(json, Contains("\"mode\":\"unix\"") &&
                       Contains("\"pid\":" + std::to_string(run.daemon.pid()) + ","));

  // Beside it, on an input of its own.
  const TempFolder other;
  const Listener input(other.path("socket"));
  const std::string config = other.write(
      "sorrel.yaml", "input: {unix: " + other.path("socket") + "}\nstate_dir: " + other.path() +
                         "\ncontrol: {socket: " + socket + "}\n");
  Sorreld second(other, {"--config", config});
  const std::string holder = "process " + std::to_string(run.daemon.pid()) + " already listens";
  CHECK(eventually([&] { return second.log().find(holder) != std::string::npos; }));
  second.signal(SIGTERM);
  CHECK(second.exit_status() == kExitOk);
  CHECK(ask("status").first == 0);

  run.daemon.signal(SIGTERM);
  CHECK(run.daemon.exit_status() == kExitOk);
  CHECK(::access(socket.c_str(), F_OK) != 0);
  CHECK(ask("status").first == 1);
}

TEST_CASE("a second SIGTERM ends it at once", "[sorreld][process]") {
  // Its output is a pipe that nobody reads: it cannot end by itself.
  const TempFolder folder;
  Listener listener(folder.path("socket"));
  const std::string fifo = folder.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const Fd pipe(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  std::string text = configuration(folder);
  text.replace(text.find(folder.path("events")), folder.path("events").size(), "\"-\"");
  const std::string config = folder.write("sorrel.yaml", text);
  const std::string shell =
      "exec " SORREL_SORRELD " --config " + config + " >" + fifo + " 2>" + folder.path("log");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl("/bin/sh", "sh", "-c", shell.c_str(), nullptr);
    ::_exit(127);
  }
  listener.accept();
  for (int i = 0; i < 2'000; ++i) listener.send(message(i));
  ::kill(pid, SIGTERM);
  CHECK(eventually([&] {
    return test::read_file(folder.path("log")).find("ending as asked") != std::string::npos;
  }));
  int status = 0;
  const bool ended = eventually([&] {
    ::kill(pid, SIGTERM);
    return ::waitpid(pid, &status, WNOHANG) == pid;
  });
  CHECK(ended);
  if (!ended) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  CHECK(WIFSIGNALED(status));
}

TEST_CASE("the exit status says what kind of failure it was", "[sorreld][process]") {
  const TempFolder folder;
  const std::string good = folder.write("good.yaml", configuration(folder));
  const std::string bad = folder.write("bad.yaml", "input: kernl\n");
  struct Row {
    std::vector<std::string> words;
    int status;
    const char* says;
  };
  const Row rows[] = {
      {{"--help"}, kExitOk, "usage: sorreld"},
      {{"--version"}, kExitOk, "sorreld " SORREL_VERSION},
      {{"--check-config", "--config", good}, kExitOk, "ok"},
      {{"--check-config", "--config", bad}, kExitConfig, "bad.yaml:1:8"},
      {{"--config", bad}, kExitConfig, "kernl"},
      {{"--config", folder.path("missing.yaml")}, kExitConfig, "missing.yaml"},
      {{"--no-such-option"}, kExitUsage, "--no-such-option"},
  };
  for (const Row& row : rows) {
    const TempFolder own;
    Sorreld daemon(own, row.words);
    CHECK(daemon.exit_status() == row.status);
    CHECK_THAT(daemon.log(), Contains(row.says));
  }
}

TEST_CASE("without the capability, the kernel input says which one it takes",
          "[sorreld][process]") {
  const TempFolder folder;
  for (const char* const kind : {"kernel", "multicast"}) {
    const std::string config =
        folder.write("sorrel.yaml",
                     std::string("input: ") + kind + "\nstate_dir: " + folder.path() +
                         "\noutputs:\n  - {name: a, type: file, path: " + folder.path("e") + "}\n");
    // Root would register, and take the machine's audit daemon's place: it becomes nobody first.
    const uid_t nobody = ::geteuid() == 0 ? kNobody : ::geteuid();
    for (const std::string& path : {folder.path(), config}) {
      REQUIRE(::chown(path.c_str(), nobody, static_cast<gid_t>(-1)) == 0);
    }
    std::filesystem::remove(folder.path("log"));
    Sorreld daemon(folder, {"--config", config}, nobody);
    const int status = daemon.exit_status();
    if (status == 126 || status == 127) {
      WARN("SKIP: user " << nobody << " cannot run " SORREL_SORRELD);
      return;
    }
    CHECK(status == kExitNoAudit);
    CHECK_THAT(daemon.log(),
               Contains(std::string(kind) == "kernel" ? "CAP_AUDIT_CONTROL" : "CAP_AUDIT_READ"));
  }
}

}  // namespace sorrel::agent
