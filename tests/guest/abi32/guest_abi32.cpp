// The first process of a guest that makes 32-bit calls: loads all of /rules, then does what /plan
// says for each rule twice, with all rules and with that one removed. What comes of it the kernel
// writes to the console, since no daemon is registered; a message before each run tells the runs
// apart.
//
//   /plan, by tabs:  place  auid or -  user  effective user or -  file to be there or -  program
//   word... /copies, by tabs: what to copy, to where
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "guest/rule_folders.h"
#include "netlink/control_socket.h"
#include "netlink/netlink_socket.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/wanted_rules.h"

namespace {

using namespace sorrel;
namespace fs = std::filesystem;

constexpr std::uint16_t kTest = 1120;  // AUDIT_TEST

[[noreturn]] void end(const std::string& what) {
  std::printf("%s\n", what.c_str());
  std::fflush(stdout);
  ::sync();
  ::sleep(1);
  ::reboot(RB_AUTOBOOT);
  std::exit(1);
}

template <class T>
T need(Result<T> result, const char* what) {
  if (!result) end(std::string("FAILED: ") + what + ": " + result.error().to_string());
  return *std::move(result);
}

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> words{""};
  for (const char c : line) {
    if (c == '\t') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

struct Step {
  std::string place;
  std::string login;
  std::string user;
  std::string effective;
  std::string file;
  std::vector<std::string> command;
};

std::vector<Step> read_plan() {
  std::vector<Step> steps;
  std::ifstream plan("/plan");
  for (std::string line; std::getline(plan, line);) {
    std::vector<std::string> words = columns(line);
    if (words.size() < 7) end("FAILED: the plan: " + line);
    steps.push_back(
        {words[0], words[1], words[2], words[3], words[4], {words.begin() + 5, words.end()}});
  }
  return steps;
}

void prepare(const std::string& path) {
  if (path == "-") return;
  std::error_code ignored;
  if (path[0] == '!') {
    fs::remove(path.substr(1), ignored);
    return;
  }
  // A link that an earlier step made would lead elsewhere.
  if (fs::is_symlink(path, ignored)) fs::remove(path, ignored);
  fs::create_directories(fs::path(path).parent_path(), ignored);
  std::ofstream(path, std::ios::app).flush();
}

void copy_programs() {
  std::ifstream copies("/copies");
  std::error_code error;
  for (std::string line; std::getline(copies, line);) {
    const std::vector<std::string> words = columns(line);
    fs::create_directories(fs::path(words.at(1)).parent_path(), error);
    fs::copy_file(words.at(0), words.at(1), fs::copy_options::overwrite_existing, error);
    if (error) end("FAILED: cannot copy to " + words.at(1));
  }
}

[[noreturn]] void become_and_run(const Step& step) {
  constexpr unsigned kSeconds = 5;
  ::alarm(kSeconds);
  if (step.login != "-") std::ofstream("/proc/self/loginuid") << step.login;
  const auto user = static_cast<uid_t>(std::stoul(step.user));
  const auto effective =
      step.effective == "-" ? user : static_cast<uid_t>(std::stoul(step.effective));
  if (user != 0 &&
      (::setresgid(user, user, user) != 0 || ::setresuid(user, effective, effective) != 0)) {
    ::_exit(3);
  }
  std::vector<char*> words;
  for (const std::string& word : step.command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  ::_exit(4);
}

void run(const Step& step) {
  prepare(step.file);
  const pid_t child = ::fork();
  if (child == 0) become_and_run(step);
  int status = 0;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  if (code == 3 || code == 4) end("FAILED: cannot run " + step.command[0] + " for " + step.place);
}

class Runner {
 public:
  Runner(ruleset::RuleKernel& kernel, netlink::ControlSocket& messages)
      : kernel_(kernel), messages_(messages), steps_(read_plan()) {}

  void load() {
    const ruleset::HostTarget host;
    const std::vector<std::string> paths{"/rules"};
    wanted_ = need(ruleset::wanted_rules(paths, host.target()), "the rules");
    if (wanted_.findings.errors() != 0) end("FAILED: the rules have errors");
    std::size_t refused = 0;
    for (const Step& step : steps_) prepare(step.file);
    for (const ruleset::PlacedRule& placed : wanted_.state.rules) {
      guest::make_folder_of(placed.rule);
      const Status added = kernel_.add(placed.rule);
      if (!added) ++refused;
      if (!added)
        std::printf("REFUSED %s: %s\n", place(placed).c_str(), added.error().to_string().c_str());
    }
    std::printf("LOADED %zu rules, %zu refused\n", wanted_.rules.size(), refused);
  }

  void run_all() {
    for (std::size_t i = 0; i < steps_.size(); ++i) run_marked("loaded", i);
  }

  // From the last to the first: each comes back at the end, behind those that are done already.
  void run_without_each() {
    for (std::size_t i = steps_.size(); i-- != 0;) {
      const std::vector<const ruleset::Rule*> rules = rules_at(steps_[i].place);
      const bool is_first_of_place =
          i + 1 == steps_.size() || steps_[i + 1].place != steps_[i].place;
      if (is_first_of_place) {
        for (const ruleset::Rule* rule : rules) need_done(kernel_.remove(*rule), steps_[i].place);
      }
      run_marked("removed", i);
      if (i != 0 && steps_[i - 1].place == steps_[i].place) continue;
      for (const ruleset::Rule* rule : rules) need_done(kernel_.add(*rule), steps_[i].place);
    }
  }

 private:
  static void need_done(const Status& status, const std::string& where) {
    if (!status) end("FAILED: " + where + ": " + status.error().to_string());
  }

  void run_marked(const char* pass, std::size_t step) {
    mark(std::string("op=") + pass + '-' + std::to_string(step) + '-');
    run(steps_[step]);
    mark("op=between-");
  }

  void mark(const std::string& text) {
    need_done(messages_.send_user_message(kTest, text), "a message");
  }

  std::string place(const ruleset::PlacedRule& placed) const {
    return wanted_.files.at(placed.place.file) + ':' + std::to_string(placed.place.line);
  }

  std::vector<const ruleset::Rule*> rules_at(const std::string& where) const {
    std::vector<const ruleset::Rule*> rules;
    for (const ruleset::PlacedRule& placed : wanted_.state.rules) {
      if (place(placed) == where) rules.push_back(&placed.rule);
    }
    if (rules.empty()) end("FAILED: no rule at " + where);
    return rules;
  }

  ruleset::RuleKernel& kernel_;
  netlink::ControlSocket& messages_;
  const std::vector<Step> steps_;
  ruleset::WantedRules wanted_;
};

}  // namespace

int main() {
  ::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  ::mkdir("/proc", 0755);
  ::mount("proc", "/proc", "proc", 0, nullptr);
  std::ofstream("/proc/sys/kernel/printk_ratelimit") << 0;
  // More than a burst of records: they leave by the console, one by one.
  const SystemClock clock;
  const auto kernel = need(ruleset::NetlinkRuleKernel::open(clock), "audit");
  netlink::ControlSocket messages(
      need(netlink::NetlinkSocket::open({.receive_buffer_bytes = 0, .batch = 8}), "a socket"),
      clock);
  if (!messages.set(netlink::Setting::backlog_limit, 65'536)) end("FAILED: the backlog limit");
  copy_programs();
  prepare("/root/trigger");
  ::chmod("/root", 0700);
  for (const char* const folder :
       {"/var/www", "/srv/www", "/tmp", "/var/tmp", "/dev/shm", "/run/user"}) {
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    ::chmod(folder, 0777);
  }
  Runner runner(*kernel, messages);
  runner.load();
  runner.run_all();
  runner.run_without_each();
  const auto status = need(messages.status(), "the status");
  std::printf("LOST %u\n", status.lost);
  // The console is slower than the records.
  for (int i = 0; i < 600 && messages.status() && messages.status()->backlog != 0; ++i)
    ::usleep(100'000);
  end("DONE");
}
