#include "ruleset/lint.h"

#include <ctime>

#include "catch.h"
#include "compiled.h"
#include "ruleset/text.h"

namespace sorrel::ruleset {
namespace {

// "LINE id" of each warning, in order.
std::string warnings(std::string_view text, const Target& target = {}) {
  CompiledText compiled = compile_text(text, target);
  const DesiredState state = desired_state(compiled.compiled, compiled.findings);
  lint({compiled.script, state, target}, compiled.findings);
  INFO(compiled.told());
  CHECK(compiled.findings.errors() == 0);
  std::string all;
  for (const Finding& one : compiled.findings.all()) {
    if (!all.empty()) all += ", ";
    all += std::to_string(one.place.line) + ' ' + std::string(one.id);
  }
  return all;
}

}  // namespace

TEST_CASE("rules that do what they say pass", "[ruleset][lint]") {
  CHECK(warnings("-D\n-b 8192\n-w /etc/passwd -p wa -k id\n"
                 "-a always,exit -F arch=b64 -S execve,execveat -k exec\n"
                 "-a always,exit -F arch=b32 -S execve,execveat -k exec\n"
                 "-a never,exclude -F msgtype=PROCTITLE\n-e 2\n") == "");
}

TEST_CASE("each mistake is found where it is", "[ruleset][lint]") {
  struct Row {
    std::string text;
    std::string expected;
  };
  const std::string both = "-a always,exit -F arch=b32 -S openat -k x\n";
  for (const Row& row : std::vector<Row>{
           {"-a always,exit -F arch=b64 -S openat -k x", "1 twin-missing"},
           {"-a never,exit -F arch=b64 -S openat", ""},
           {"-a always,exit -F arch=b64 -S openat -F uid=1\n" + both, "1 twin-missing"},
           {"-a always,exit -F arch=b64 -S openat -k y\n" + both, ""},
           {"-a always,exit -S open -F uid=1", "1 call-sibling"},
           {"-a always,exit -S open -F uid=1\n-a always,exit -S openat -F uid=1", ""},
           {"-a always,exit -S open -F uid=1\n-a always,exit -S openat -F uid=2", "1 call-sibling"},
           {"-a always,exit -S unlink,rename -F uid=1", "1 call-sibling, 1 call-sibling"},
           {"-a always,exit -S openat -F exit=13", "1 exit-positive"},
           {"-a always,exit -S openat -F exit=5000", ""},
           {"-a always,exit -S openat -F exit=-13", ""},
           {"-a never,exclude -F msgtype=EOE", "1 exclude-needed"},
           {"-a always,exclude -F msgtype=CWD", "1 exclude-needed"},
           {"-a never,exclude -F msgtype=EXECVE -F uid=5", ""},
           {"-a never,task -F auid=unset", "1 never-task"},
           {"-a always,task -F uid=0", ""},
           {"-a never,exit -F dir=/dev/shm", "1 never-blinds"},
           {"-a never,exit -F dir=/tmp/ -k x", "1 never-blinds"},
           {"-a never,exit -F dir=/tmp -F exe=/usr/bin/cc", ""},
           {"-a always,exit -F arch=aarch64 -S openat -F uid=1", "1 arch-dead"},
           {"-a always,user -F euid=0", "1 field-ignored"},
           {"-a always,exit -S all -k x", "1 rule-too-broad"},
           {"-a always,exit -S 1 -k x", ""},
           {"-e 2\n-w /a", "2 lock-early"},
           {"-w /a -p wa\n-w /a -p aw", "2 rule-duplicate"},
           {"-w /a -p wa -k one\n-w /a -p w -k two", "2 rule-shadowed"},
           {"-w /a -p w -k one\n-w /a -p wa -k two", ""},
           {"-a always,exit -F dir=/etc -F perm=wa -k one\n-w /etc/passwd -p wa -k two",
            "2 rule-shadowed"},
           {"-a always,exit -F dir=/etc -F perm=wa -k one\n-w /etcetera -p wa -k two", ""},
           {"-a never,exit -S openat -F uid=1\n-a always,exit -S openat -F uid=1 -F gid=2",
            "2 rule-shadowed"},
           {"-a always,exit -S openat -F uid=1 -F gid=2\n-a never,exit -S openat -F uid=1", ""},
           {"-a always,exit -S close -F uid=1\n-A always,exit -S close -k x", "1 rule-shadowed"},
       }) {
    INFO(row.text);
    CHECK(warnings(row.text) == row.expected);
  }
}

TEST_CASE("a folder that is watched as a file is told", "[ruleset][lint]") {
  const FakePaths paths({{"/etc", PathKind::folder}, {"/etc/passwd", PathKind::other}});
  Target target;
  target.paths = &paths;
  CHECK(warnings("-a always,exit -F path=/etc -F perm=wa", target) == "1 path-is-folder");
  CHECK(warnings("-a always,exit -F path=/etc/passwd -F perm=wa", target) == "");
  CHECK(warnings("-w /etc -p wa", target) == "");
}

TEST_CASE("hosts without a second ABI need no twins", "[ruleset][lint]") {
  Target target;
  target.arch = record::arch::kPpc64le;
  CHECK(warnings("-a always,exit -F arch=b64 -S openat -k x", target) == "");
}

TEST_CASE("500 rules are checked soon", "[ruleset][lint]") {
  std::string text;
  for (int i = 0; i < 250; ++i) {
    const std::string number = std::to_string(i);
    text += "-w /etc/folder" + number + "/file -p wa -k watch" + number + '\n';
    text +=
        "-a always,exit -F arch=b64 -S openat,open,creat,truncate,unlinkat,renameat2,fchmodat "
        "-F dir=/srv/" +
        number + " -F auid>=1000 -F auid!=unset -k change" + number + '\n';
  }
  const std::clock_t begin = std::clock();
  CompiledText compiled = compile_text(text);
  const DesiredState state = desired_state(compiled.compiled, compiled.findings);
  lint({compiled.script, state, {}}, compiled.findings);
  const double elapsed_ms = 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CHECK(state.rules.size() == 500);
  WARN("checking 500 rules took " << elapsed_ms << " ms of the processor");
  CHECK(elapsed_ms < 2000);
}

}  // namespace sorrel::ruleset
