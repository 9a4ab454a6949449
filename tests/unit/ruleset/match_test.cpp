// Against a kernel: tests/rules/rules_test_command.py, with recordings.
#include "ruleset/match.h"

#include <cerrno>
#include <string>
#include <vector>

#include "catch.h"
#include "compiled.h"
#include "record/tables/arch.h"
#include "ruleset/match_permission.h"

using namespace sorrel;
using namespace sorrel::ruleset;

namespace {

std::vector<Rule> rules(const std::string& text) {
  std::vector<Rule> all;
  for (const Compiled& one : compile_text(text).compiled) all.push_back(one.rule);
  return all;
}

// uid 1000, logged in, opens /etc/passwd for writing and is refused.
EventFacts refused_open() {
  EventFacts event;
  event.arch = record::arch::kX86_64;
  event.call = 257;
  event.arguments = {0xffffff9c, 0x7ffe0000, 0x241, 0x1b6};
  event.exit = -EACCES;
  event.success = false;
  event.numbers = {{0, 4711}, {18, 1},  {1, 1000}, {2, 1000}, {3, 1000}, {4, 1000},
                   {5, 100},  {6, 100}, {7, 100},  {8, 100},  {9, 1000}, {25, 3}};
  event.exe = "/usr/bin/vi";
  event.label = "staff_u:staff_r:staff_t:s0-s0:c0.c1023";
  event.family = 0;
  event.paths = {{.name = "/etc",
                  .inode = 2,
                  .major = 8,
                  .minor = 1,
                  .mode = 040755,
                  .owner = 0,
                  .group = 0,
                  .label = "system_u:object_r:etc_t:s0"},
                 {.name = "/etc/passwd",
                  .inode = 12,
                  .major = 8,
                  .minor = 1,
                  .mode = 0100644,
                  .owner = 0,
                  .group = 0,
                  .label = "system_u:object_r:passwd_file_t:s0"}};
  event.types = {1300, 1307, 1302, 1302};
  return event;
}

Truth match(const std::string& line, const EventFacts& event) {
  const std::vector<Rule> compiled = rules(line + '\n');
  INFO(line);
  REQUIRE(compiled.size() == 1);
  return matches(compiled[0], event);
}

}  // namespace

TEST_CASE("fields are compared as the kernel does", "[ruleset]") {
  struct Row {
    const char* fields;
    Truth wanted;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"-F arch=b64 -S openat", Truth::yes},
           {"-F arch=b32 -S openat", Truth::no},
           {"-F arch=b64 -S open", Truth::no},
           {"-F arch=b64 -S all -F uid=1000", Truth::yes},
           {"-F arch=b64 -S all -F uid!=1000", Truth::no},
           {"-F arch=b64 -S all -F auid>=1000 -F auid!=unset", Truth::yes},
           {"-F arch=b64 -S all -F auid=unset", Truth::no},
           {"-F arch=b64 -S all -F gid<100", Truth::no},
           {"-F arch=b64 -S all -F gid<=100", Truth::yes},
           {"-F arch=b64 -S all -F sessionid=3", Truth::yes},
           {"-F arch=b64 -S all -F exit=-EACCES", Truth::yes},
           {"-F arch=b64 -S all -F exit=-EPERM", Truth::no},
           {"-F arch=b64 -S all -F exit<0", Truth::yes},
           {"-F arch=b64 -S all -F success=0", Truth::yes},
           {"-F arch=b64 -S all -F success=1", Truth::no},
           {"-F arch=b64 -S all -F a2&1", Truth::yes},
           {"-F arch=b64 -S all -F a2&=3", Truth::no},
           {"-F arch=b64 -S all -F a0=0xffffff9c", Truth::yes},
           {"-F arch=b64 -S all -F exe=/usr/bin/vi", Truth::yes},
           {"-F arch=b64 -S all -F exe!=/usr/bin/vi", Truth::no},
           {"-F arch=b64 -S all -F path=/etc/passwd", Truth::yes},
           {"-F arch=b64 -S all -F path=/etc/shadow", Truth::no},
           {"-F arch=b64 -S all -F dir=/etc", Truth::yes},
           {"-F arch=b64 -S all -F dir=/et", Truth::no},
           {"-F arch=b64 -S all -F path=/etc/passwd -F perm=w", Truth::yes},
           {"-F arch=b64 -S all -F path=/etc/passwd -F perm=r", Truth::no},
           {"-F arch=b64 -S all -F path=/etc/passwd -F perm=xa", Truth::no},
           {"-F arch=b64 -S all -F inode=12", Truth::yes},
           {"-F arch=b64 -S all -F devmajor=8 -F devminor=1", Truth::yes},
           {"-F arch=b64 -S all -F obj_uid=0", Truth::yes},
           {"-F arch=b64 -S all -F filetype=file", Truth::yes},
           {"-F arch=b64 -S all -F filetype=socket", Truth::no},
           {"-F arch=b64 -S all -F subj_type=staff_t", Truth::yes},
           {"-F arch=b64 -S all -F subj_user=root", Truth::no},
           {"-F arch=b64 -S all -F subj_sen=s0", Truth::yes},
           {"-F arch=b64 -S all -F subj_clr=s0:c0.c1023", Truth::yes},
           {"-F arch=b64 -S all -F obj_type=passwd_file_t", Truth::yes},
           {"-F arch=b64 -S all -F saddr_fam=2", Truth::no},
           {"-F arch=b64 -S all -C uid=euid", Truth::yes},
           {"-F arch=b64 -S all -C auid!=obj_uid", Truth::yes},
           {"-F arch=b64 -S all -C uid=obj_uid", Truth::no},
       }) {
    CHECK(match(std::string("-a always,exit ") + row.fields, refused_open()) == row.wanted);
  }
}

TEST_CASE("what records do not tell is not guessed", "[ruleset]") {
  EventFacts event = refused_open();
  event.call = 437;  // openat2: its flags are in memory
  CHECK(match("-a always,exit -F arch=b64 -S all -F path=/etc/passwd -F perm=w", event) ==
        Truth::unknown);
  event.label.reset();
  CHECK(match("-a always,exit -F arch=b64 -S all -F subj_type=staff_t", event) == Truth::unknown);
  // One that surely fails decides all the same.
  CHECK(match("-a always,exit -F arch=b64 -S all -F subj_type=staff_t -F uid=0", event) ==
        Truth::no);
}

TEST_CASE("the first rule that matches decides", "[ruleset]") {
  const EventFacts event = refused_open();
  const auto judged = [&](const std::string& text) { return judge(rules(text), event); };
  const Judgement caught = judged(
      "-a always,exit -F arch=b64 -S open\n-a always,exit -F arch=b64 -S openat -k a\n"
      "-a never,exit -F arch=b64 -S openat -k b\n");
  CHECK(caught.kind == Judgement::Kind::caught);
  CHECK(caught.rule == 1);
  CHECK(judged("-a never,exit -F arch=b64 -S openat -F uid=1000\n"
               "-a always,exit -F arch=b64 -S openat\n")
            .kind == Judgement::Kind::silenced);
  CHECK(judged("-w /etc/shadow -p wa\n").kind == Judgement::Kind::missed);
  CHECK(judged("").kind == Judgement::Kind::missed);
}

TEST_CASE("a rule that may match is told, and does not hide a later one", "[ruleset]") {
  EventFacts event = refused_open();
  event.label.reset();
  const std::string unsure = "-a never,exit -F arch=b64 -S openat -F subj_type=x\n";
  const Judgement maybe = judge(rules(unsure), event);
  CHECK(maybe.kind == Judgement::Kind::maybe);
  const Judgement caught = judge(rules(unsure + "-a always,exit -F arch=b64 -S openat\n"), event);
  CHECK(caught.kind == Judgement::Kind::caught);
  CHECK(caught.unknown == std::vector<std::size_t>{0});
}

TEST_CASE("records that are left out, and events that need no rule", "[ruleset]") {
  const EventFacts event = refused_open();
  const auto left_out = judge(rules("-a always,exclude -F msgtype=CWD\n"), event).left_out;
  CHECK(left_out == std::vector<std::uint32_t>{1307});
  EventFacts message;
  message.types = {1112};
  CHECK(judge(rules("-a always,exit -S all\n"), message).kind == Judgement::Kind::no_rule);
}

TEST_CASE("operations of io_uring have rules of their own list", "[ruleset]") {
  EventFacts event;
  event.is_uring = true;
  event.call = 18;
  const auto kind = [&](const std::string& text) { return judge(rules(text), event).kind; };
  CHECK(kind("-a always,io_uring -S openat\n") == Judgement::Kind::caught);
  CHECK(kind("-a always,io_uring -S close\n") == Judgement::Kind::missed);
  CHECK(kind("-a always,exit -S all\n") == Judgement::Kind::missed);
}

TEST_CASE("what a call may do to its file", "[ruleset]") {
  const std::array<std::optional<std::uint64_t>, 4> none;
  const auto sure = [](const char* call, std::array<std::optional<std::uint64_t>, 4> arguments) {
    return call_permission(call, arguments).sure;
  };
  CHECK(sure("openat", {0, 0, 0, 0}) == 4);
  CHECK(sure("openat", {0, 0, 0x241, 0}) == 2);
  CHECK(sure("open", {0, 2, 0, 0}) == 6);
  CHECK(sure("execve", none) == 1);
  CHECK(sure("unlinkat", none) == 2);
  CHECK(sure("chmod", none) == 8);
  CHECK(sure("getppid", none) == 0);
  CHECK(call_permission("openat2", none).possible == 6);
  CHECK(call_permission("openat", none).possible == 6);
}
