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
                 "-a never,exclude -F msgtype=PROCTITLE\n-e 2\n") == "1 set-lacks");
}

TEST_CASE("each mistake is found where it is", "[ruleset][lint]") {
  struct Row {
    std::string text;
    std::string expected;
  };
  const std::string b32 = "-a always,exit -F arch=b32 ";
  const std::string twin = b32 + "-S openat,openat2 -k x -F uid=1\n";
  for (const Row& row : std::vector<Row>{
           {"-a always,exit -F arch=b64 -S openat,openat2 -F uid=1 -k x", "1 twin-missing"},
           {"-a never,exit -F arch=b64 -S openat", ""},
           {"-a always,exit -F arch=b64 -S openat,openat2 -F uid=2\n" + twin, "1 twin-missing"},
           {"-a always,exit -F arch=b64 -S openat,openat2 -F uid=1 -k y\n" + twin, ""},
           {"-a always,exit -F arch=b64 -S ioctl -F a1=7\n" + b32 + "-S ioctl -F a1=8", ""},
           {"-a always,exit -F arch=b64 -S ioctl -F a1=7\n" + b32 + "-S ioctl -F a2=7",
            "1 twin-missing"},
           {b32 + "-S open -F uid=1", "1 call-sibling"},
           {b32 + "-S open -F uid=1\n" + twin, ""},
           {b32 + "-S open -F uid=1 -F gid=1\n" + twin, ""},
           {b32 + "-S open -F uid=2\n" + twin, "1 call-sibling"},
           {b32 + "-S unlink,symlink -F uid=1", "1 call-sibling, 1 call-sibling"},
           {b32 + "-S chmod -F a1&0xc00", ""},  // fchmodat has the mode elsewhere
           {b32 + "-S fchmodat -F a2&0xc00", "1 call-sibling"},
           {b32 + "-S openat,openat2 -F exit=13", "1 exit-positive"},
           {b32 + "-S openat,openat2 -F exit=5000", ""},
           {b32 + "-S openat,openat2 -F exit=-13", ""},
           {"-a never,exclude -F msgtype=EOE", "1 exclude-needed"},
           {"-a always,exclude -F msgtype=CWD", "1 exclude-needed"},
           {"-a never,exclude -F msgtype=EXECVE -F uid=5", ""},
           {"-a never,task -F auid=unset", "1 never-task"},
           {"-a always,task -F uid=0", ""},
           {"-a never,exit -F arch=b64 -F dir=/dev/shm -F perm=r", ""},
           {"-a never,exit -F arch=b64 -S bpf -F dir=/tmp/ -k x", "1 never-blinds"},
           {"-a never,exit -S all -F uid=0", "1 never-blinds"},
           {"-a never,exclude -F exe=/a", "1 never-blinds"},
           {"-a never,exit -S all -F uid!=0", ""},
           {"-a always,exit -F arch=aarch64 -S bpf -F uid=1", "1 arch-dead"},
           {"-a always,user -F euid=0", "1 field-ignored"},
           {"-a always,exit -S all -k x", "1 rule-too-broad"},
           {"-a always,exit -S bpf -k x", "1 arch-missing"},
           {"-a always,exit -S 500 -k x", ""},  // nobody has it
           {b32 + "-S read,pread64,readv,preadv,preadv2 -k x", "1 rule-noisy"},
           {b32 + "-S read,pread64,readv,preadv,preadv2 -F exit=-EIO -k x", ""},
           {"-e 2\n-w /a", "2 lock-early"},
           {"-w /a -p wa\n-w /a -p aw", "2 rule-duplicate"},
           {"-w /a -p wa -k one\n-w /a -p w -k two", "2 rule-shadowed"},
           {"-w /a -p w -k one\n-w /a -p wa -k two", ""},
           {b32 + "-F dir=/etc -F perm=wa -k one\n" + b32 + "-F path=/etc/a -F perm=wa -k two",
            "2 rule-shadowed"},
           {b32 + "-F dir=/etc -F perm=wa -k one\n" + b32 + "-F path=/etcetera -F perm=wa -k two",
            ""},
           {b32 + "-F dir=/etc -F perm=wa -k one\n" + b32 + "-F path=/etc/a -F perm=rw -k two",
            "2 rule-order"},
           {b32 + "-F dir=/etc -F perm=wa -k one\n" + b32 + "-F path=/etc/a -F perm=rw -k one", ""},
           {b32 + "-S bpf -F dir=/etc -k one\n" + b32 +
                "-S bpf,setns,unshare -F path=/etc/a -k two",
            ""},
           {b32 + "-S bpf,setns -F uid=1 -k one\n-a never,exit -S all -F uid=1 -F gid=2",
            "2 rule-order"},
           {b32 + "-S bpf,setns -F uid=1 -k one\n-a never,exit -S all -F gid=2", ""},
           {b32 + "-S execve,execveat -k one\n-w /usr/bin/wget -p x -k two", "2 rule-order"},
           {"-w /usr/bin/wget -p x -k two\n" + b32 + "-S execve,execveat -k one", ""},
           {"-a never,exit -F arch=b32 -S bpf -F uid=1\n" + b32 + "-S bpf -F uid=1 -F gid=2",
            "2 rule-shadowed"},
           {b32 + "-S bpf -F uid=1 -F gid=2\n-a never,exit -F arch=b32 -S bpf -F uid=1", ""},
           {b32 + "-S bpf -F uid=1\n-A always,exit -F arch=b32 -S bpf -k x", "1 rule-shadowed"},
           {"-w /etc/a -p wa -k foobar\n-D -k foobar", ""},
           {"-w /etc/a -p wa -k T99", ""},
           {"-w /etc/a -p wa -k T123_x -k T12345 -k Text", "1 key-technique, 1 key-technique"},
       }) {
    INFO(row.text);
    CHECK(warnings(row.text) == row.expected);
  }
}

TEST_CASE("a folder that is watched as a file is told", "[ruleset][lint]") {
  const FakePaths paths(
      {{"/", PathKind::folder}, {"/etc", PathKind::folder}, {"/etc/passwd", PathKind::other}});
  Target target;
  target.paths = &paths;
  CHECK(warnings("-a always,exit -F path=/etc -F perm=wa", target) == "1 path-is-folder");
  CHECK(warnings("-a always,exit -F path=/etc/passwd -F perm=wa", target) == "");
  CHECK(warnings("-w /etc -p wa", target) == "1 watch-slow");
}

TEST_CASE("hosts without a second ABI need no twins", "[ruleset][lint]") {
  Target target;
  target.arch = record::arch::kPpc64le;
  CHECK(warnings("-a always,exit -F arch=b64 -S bpf -k x", target) == "");
  CHECK(warnings("-a always,exit -S bpf -k x", target) == "");
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
