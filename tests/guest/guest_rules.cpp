// Sets up the kernel's audit subsystem of a test guest, where no auditctl is installed: rules in
// auditctl's words, settings, and the status in one line. For tests and the demonstration only: it
// knows the options they use. Rules and settings are for guests only; `status` reads, anywhere.
//
//   guest_rules FILE...      reads rules and settings, one a line ("-" is stdin); '#' comments
//   guest_rules status       "enabled=1 failure=1 pid=0 rate_limit=0 backlog_limit=64 lost=0 ..."
//   guest_rules list         the number of rules in the kernel
//   guest_rules serve        as "guest_rules -", and answers "done" to each line
//   guest_rules check FILE   has libaudit compile the rules, without a kernel; skips settings
//
// Lines: -m TEXT | -b N | -e N | -f N | -r N | --backlog_wait_time N | --reset-lost
//        | -w PATH -p PERM [-k KEY]
//        | -a|-d LIST,ACTION [-S CALL,...]... [-F FIELD]... [-C A=B]... [-k KEY]...
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <libaudit.h>

// libaudit's own memory of the rule that is being built (its auditctl writes them the same way).
extern "C" {
extern int _audit_archadded;
extern int _audit_syscalladded;
extern int _audit_permadded;
extern int _audit_exeadded;
extern unsigned int _audit_elf;
}

namespace {

using Words = std::vector<std::string>;

constexpr int kCompileOnly = -1;  // in the place of an audit socket

struct FreeRule {
  void operator()(audit_rule_data* rule) const { std::free(rule); }
};
using RulePointer = std::unique_ptr<audit_rule_data, FreeRule>;

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "guest_rules: " << what << '\n';
  std::exit(1);
}

void check(int result, const std::string& what) {
  if (result <= 0) fail(what + ": " + std::strerror(result < 0 ? -result : errno));
}

Words split(const std::string& text, char separator) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

// Waits for one answer of `type` on the audit socket.
bool read_answer(int audit, int type, audit_reply& reply) {
  for (int tries = 0; tries < 100; ++tries) {
    pollfd wait = {audit, POLLIN, 0};
    if (poll(&wait, 1, 100) <= 0) continue;
    if (audit_get_reply(audit, &reply, GET_REPLY_NONBLOCKING, 0) <= 0) continue;
    if (reply.type == type) return true;
    if (reply.type == NLMSG_DONE) return false;
  }
  return false;
}

// One field of -F. libaudit reads the words; the architecture goes first and decides the names of
// the system calls.
void add_field(RulePointer& rule, const std::string& field, int flags) {
  audit_rule_data* raw = rule.release();
  const int result = audit_rule_fieldpair_data(&raw, field.c_str(), flags);
  rule.reset(raw);
  if (result != 0) fail("field '" + field + "': libaudit's error " + std::to_string(result));
}

// One -C: two ids of a process, or of a process and a file, that are compared.
void add_comparison(RulePointer& rule, const std::string& pair, int flags) {
  audit_rule_data* raw = rule.release();
  const int result = audit_rule_interfield_comp_data(&raw, pair.c_str(), flags);
  rule.reset(raw);
  if (result != 0) fail("comparison '" + pair + "': libaudit's error " + std::to_string(result));
}

// libaudit 3.0 has no public names of io_uring's operations. Source: linux/io_uring.h.
struct Operation {
  const char* name;
  unsigned number;
};
constexpr Operation kOperations[] = {{"connect", 16},   {"openat", 18},   {"openat2", 28},
                                     {"renameat", 35},  {"unlinkat", 36}, {"mkdirat", 37},
                                     {"symlinkat", 38}, {"linkat", 39}};

unsigned operation_number(const std::string& name) {
  for (const Operation& operation : kOperations)
    if (name == operation.name) return operation.number;
  char* end = nullptr;
  const auto number = std::strtoul(name.c_str(), &end, 10);
  if (name.empty() || *end != '\0' || number >= AUDIT_BITMASK_SIZE * 32)
    fail("io_uring operation '" + name + "' is not known here");
  return static_cast<unsigned>(number);
}

void add_call(audit_rule_data& rule, const std::string& call, int flags) {
  if (flags != AUDIT_FILTER_URING_EXIT) {
    if (audit_rule_syscallbyname_data(&rule, call.c_str()) != 0)
      fail("system call '" + call + "' is not known here");
    return;
  }
  const unsigned operation = operation_number(call);
  rule.mask[AUDIT_WORD(operation)] |= AUDIT_BIT(operation);
}

int list_number(const std::string& name) {
  if (name == "exit") return AUDIT_FILTER_EXIT;
  if (name == "task") return AUDIT_FILTER_TASK;
  if (name == "user") return AUDIT_FILTER_USER;
  if (name == "exclude") return AUDIT_FILTER_EXCLUDE;
  if (name == "io_uring") return AUDIT_FILTER_URING_EXIT;
  fail("no such list: " + name);
}

// Several keys become one, joined by 0x01, as auditctl sends them.
std::string join_keys(const Words& keys) {
  std::string joined;
  for (const std::string& key : keys) {
    if (!joined.empty()) joined += AUDIT_KEY_SEPARATOR;
    joined += key;
  }
  return joined;
}

struct Line {
  std::string list;
  std::string action;
  bool removes = false;  // -d
  std::string watch;
  std::string permissions = "rwxa";
  Words calls;
  Words fields;
  Words comparisons;
  Words keys;
};

struct CompiledRule {
  RulePointer rule;
  int flags = AUDIT_FILTER_EXIT;
  int action = AUDIT_ALWAYS;
};

CompiledRule compile_rule(Line line) {
  _audit_archadded = _audit_syscalladded = _audit_permadded = _audit_exeadded = 0;
  _audit_elf = 0;
  RulePointer rule(static_cast<audit_rule_data*>(std::calloc(1, sizeof(audit_rule_data))));
  int flags = AUDIT_FILTER_EXIT;
  int action = AUDIT_ALWAYS;
  if (!line.watch.empty()) {
    audit_rule_data* raw = rule.release();
    const bool is_folder = line.watch.back() == '/';
    if (is_folder) line.watch.pop_back();
    const int added =
        audit_add_watch_dir(is_folder ? AUDIT_DIR : AUDIT_WATCH, &raw, line.watch.c_str());
    rule.reset(raw);
    if (added != 0) fail("watch " + line.watch);
    line.fields.push_back("perm=" + line.permissions);
  } else {
    flags = list_number(line.list);
    if (line.action == "never") action = AUDIT_NEVER;
  }
  for (const std::string& field : line.fields) add_field(rule, field, flags);
  for (const std::string& pair : line.comparisons) add_comparison(rule, pair, flags);
  for (const std::string& call : line.calls) add_call(*rule, call, flags);
  const bool wants_calls = flags == AUDIT_FILTER_EXIT;
  if (line.calls.empty() && wants_calls && line.watch.empty()) add_call(*rule, "all", flags);
  _audit_syscalladded = 1;
  if (!line.keys.empty()) add_field(rule, "key=" + join_keys(line.keys), flags);
  return {std::move(rule), flags, action};
}

void apply_rule(int audit, Line line, const std::string& text) {
  const bool removes = line.removes;
  const CompiledRule compiled = compile_rule(std::move(line));
  if (audit == kCompileOnly) return;
  if (removes) {
    check(audit_delete_rule_data(audit, compiled.rule.get(), compiled.flags, compiled.action),
          text);
    return;
  }
  check(audit_add_rule_data(audit, compiled.rule.get(), compiled.flags, compiled.action),
        "rule '" + text + "'");
}

// -m and the settings; false: `option` is none of them.
bool apply_setting(int audit, const std::string& option, const std::string& value) {
  const auto number = static_cast<std::uint32_t>(std::strtoul(value.c_str(), nullptr, 10));
  int result = 0;
  if (option == "-m") {
    const char* text = value.c_str();
    result = audit_log_user_message(audit, AUDIT_TEST, text, nullptr, nullptr, nullptr, 1);
  } else if (option == "-b") {
    result = audit_set_backlog_limit(audit, number);
  } else if (option == "-e") {
    result = audit_set_enabled(audit, number);
  } else if (option == "-r") {
    result = audit_set_rate_limit(audit, number);
  } else if (option == "-f") {
    result = audit_set_failure(audit, number);
  } else if (option == "--backlog_wait_time") {
    result = audit_set_backlog_wait_time(audit, number);
  } else {
    return false;
  }
  check(result, option + ' ' + value);
  return true;
}

// One option of a rule with its value; false: it is not known here.
bool read_option(const std::string& option, const std::string& value, Line& line) {
  if (option == "-a" || option == "-d") {
    line.removes = option == "-d";
    const Words parts = split(value, ',');
    if (parts.size() != 2) fail(option + " wants ACTION,LIST, not '" + value + "'");
    const bool action_first = parts[0] == "always" || parts[0] == "never";
    line.action = parts[action_first ? 0 : 1];
    line.list = parts[action_first ? 1 : 0];
  } else if (option == "-S") {
    for (const std::string& call : split(value, ',')) line.calls.push_back(call);
  } else if (option == "-F") {
    line.fields.push_back(value);
  } else if (option == "-C") {
    line.comparisons.push_back(value);
  } else if (option == "-k") {
    line.keys.push_back(value);
  } else if (option == "-w") {
    line.watch = value;
  } else if (option == "-p") {
    line.permissions = value;
  } else {
    return false;
  }
  return true;
}

void apply_line(int audit, const std::string& text) {
  const Words words = split(text, ' ');
  if (words.empty() || words[0][0] == '#') return;
  if (audit == kCompileOnly && words[0] != "-a" && words[0] != "-w") return;
  if (words[0] == "--reset-lost") return check(audit_reset_lost(audit) >= 0 ? 1 : -errno, text);
  if (words.size() % 2 != 0) fail("'" + text + "' ends too early");
  if (apply_setting(audit, words[0], words[1])) return;
  Line line;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (!read_option(words[i], words[i + 1], line))
      fail("'" + text + "': option " + words[i] + " is not known here");
  }
  apply_rule(audit, std::move(line), text);
}

int print_status(int audit) {
  check(audit_request_status(audit), "AUDIT_GET");
  audit_reply reply;
  if (!read_answer(audit, AUDIT_GET, reply)) fail("AUDIT_GET was not answered");
  const audit_status& status = *reply.status;
  std::cout << "enabled=" << status.enabled << " failure=" << status.failure
            << " pid=" << status.pid << " rate_limit=" << status.rate_limit
            << " backlog_limit=" << status.backlog_limit << " lost=" << status.lost
            << " backlog=" << status.backlog << " backlog_wait_time=" << status.backlog_wait_time
            << " backlog_wait_time_actual=" << status.backlog_wait_time_actual << '\n';
  return 0;
}

int count_rules(int audit) {
  check(audit_request_rules_list_data(audit), "AUDIT_LIST_RULES");
  audit_reply reply;
  int count = 0;
  while (read_answer(audit, AUDIT_LIST_RULES, reply)) ++count;
  std::cout << count << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: guest_rules FILE... | serve | check FILE... | status | list\n";
    return 2;
  }
  const std::string_view command = argv[1];
  const bool compile_only = command == "check";
  const bool answers = command == "serve";
  const int audit = compile_only ? kCompileOnly : audit_open();
  if (audit < 0 && !compile_only) fail(std::string("audit socket: ") + std::strerror(errno));
  if (command == "status") return print_status(audit);
  if (command == "list") return count_rules(audit);
  for (int i = compile_only ? 2 : 1; i < argc; ++i) {
    std::ifstream file;
    if (std::string_view(argv[i]) != "-" && !answers) {
      file.open(argv[i]);
      if (!file) fail(std::string(argv[i]) + ": " + std::strerror(errno));
    }
    std::istream& input = file.is_open() ? file : std::cin;
    for (std::string line; std::getline(input, line);) {
      apply_line(audit, line);
      if (answers) std::cout << "done" << std::endl;
    }
  }
  return 0;
}
