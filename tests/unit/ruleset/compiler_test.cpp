#include "ruleset/compiler.h"

#include "catch.h"
#include "compiled.h"
#include "ruleset/desired_state.h"
#include "ruleset/text.h"

namespace sorrel::ruleset {
namespace {

const host::UserDb& users() {
  static const host::UserDb users =
      host::UserDb::parse("root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/\nhttp:x:80:80::/:/\n",
                          "root:x:0:\nwww-data:x:33:\n");
  return users;
}

std::string compiled_lines(std::string_view text, Target target = {}) {
  target.users = &users();
  CompiledText compiled = compile_text(text, target);
  std::string lines = compiled.told();
  for (const Compiled& one : compiled.compiled) lines += rule_text(one.rule, target) + '\n';
  return lines;
}

std::string state_lines(std::string_view text) {
  CompiledText compiled = compile_text(text);
  const DesiredState state = desired_state(compiled.compiled, compiled.findings);
  std::string lines = compiled.told();
  for (const PlacedRule& one : state.rules) lines += rule_text(one.rule, {}) + '\n';
  return lines;
}

}  // namespace

TEST_CASE("files are read as people write them", "[ruleset]") {
  CHECK(compiled_lines("-w /a -p wa -k x") == "-w /a -p wa -k x\n");
  CHECK(compiled_lines("  # comment\r\n\t-w\t/a  -p wa -k x\r\n\r\n") == "-w /a -p wa -k x\n");
  CHECK(compiled_lines("-w \"/a b\" -p wa -k 'it is'") == "-w /a\\ b -p wa -k it\\ is\n");
  CHECK(compiled_lines("-w /a\\ b\\\\c\\d -pwa -kx") == "-w /a\\ b\\\\c\\\\d -p wa -k x\n");
  CHECK(compiled_lines("-w \"/a \\\" 'b'\" -k x") == "-w /a\\ \\\"\\ \\'b\\' -p rwxa -k x\n");
  CHECK(compiled_lines("-w /a -k \xff\xc3") == "-w /a -p rwxa -k \xff\xc3\n");
}

TEST_CASE("the operator is the one behind the field's name", "[ruleset]") {
  CHECK(compiled_lines("-a always,exit -F path=/tmp/a!=b") ==
        "-a always,exit -S all -F path=/tmp/a!=b\n");
  CHECK(compiled_lines("-a always,exit -F dir=/opt/x>=1&=2") ==
        "-a always,exit -S all -F dir=/opt/x>=1&=2\n");
}

TEST_CASE("a watch is a folder where the host has one", "[ruleset]") {
  const FakePaths paths({{"/etc/ssh", PathKind::folder}, {"/etc/passwd", PathKind::other}});
  Target target;
  target.paths = &paths;
  CHECK(compiled_lines("-w /etc/ssh -k a\n-w /etc/passwd/ -k b\n-w /new/ -k c\n-w /old -k d",
                       target) ==
        "-w /etc/ssh/ -p rwxa -k a\n-w /etc/passwd -p rwxa -k b\n-w /new/ -p rwxa -k c\n"
        "-w /old -p rwxa -k d\n");
}

TEST_CASE("perm without -S names the calls that it can be about", "[ruleset]") {
  CHECK(compiled_lines("-a always,exit -F arch=b64 -F path=/a -F perm=x") ==
        "-a always,exit -F arch=b64 -S execve,execveat -F path=/a -F perm=x\n");
  CHECK(compiled_lines("-a always,exit -F arch=b64 -F path=/a -F perm=wa") ==
        "-a always,exit -F arch=b64 -S "
        "open,bind,truncate,ftruncate,rename,mkdir,rmdir,creat,link,unlink,symlink,chmod,fchmod,"
        "chown,fchown,lchown,mknod,acct,swapon,quotactl,setxattr,lsetxattr,fsetxattr,removexattr,"
        "lremovexattr,fremovexattr,openat,mkdirat,mknodat,fchownat,unlinkat,renameat,linkat,"
        "symlinkat,fchmodat,fallocate,renameat2,openat2,quotactl_fd,fchmodat2,setxattrat,"
        "removexattrat,file_setattr -F path=/a -F perm=wa\n");
  CHECK(compiled_lines("-a always,exit -F arch=b64 -F path=/a -F perm=r") ==
        "-a always,exit -F arch=b64 -S "
        "open,readlink,quotactl,getxattr,lgetxattr,fgetxattr,listxattr,llistxattr,flistxattr,"
        "openat,readlinkat,openat2,getxattrat,listxattrat,file_getattr -F path=/a -F perm=r\n");
  CHECK(compiled_lines("-a always,exit -F path=/a -F perm=x") == "-w /a -p x\n");
  CHECK(compiled_lines("-a always,exit -F arch=b64 -S all -F path=/a -F perm=x") ==
        "-a always,exit -F arch=b64 -S all -F path=/a -F perm=x\n");
}

TEST_CASE("the kernel's classes have more calls on 32 bits, which can be asked for", "[ruleset]") {
  const std::string rule = "-a always,exit -F arch=b32 -F path=/a -F perm=wa";
  CHECK(compiled_lines(rule).find("chown32") == std::string::npos);
  Target target;
  target.expand_to_kernel_classes = true;
  CHECK(compiled_lines(rule, target).find("lchown32") != std::string::npos);
}

TEST_CASE("directives choose what holds for the host", "[ruleset]") {
  const std::string text =
      "#@ if arch aarch64\n-w /arm\n#@ else\n-w /other\n#@ end\n"
      "#@ if kernel >= 5.16\n-a always,io_uring -S openat\n#@ end\n"
      "#@ if not user chrony\n  #@ if user www-data root\n-w /users\n#@ end\n#@ end\n-w /all\n";
  CHECK(compiled_lines(text) ==
        "-w /other -p rwxa\n-a always,io_uring -S openat\n-w /users -p rwxa\n-w /all -p rwxa\n");
  Target old;
  old.arch = record::arch::kAarch64;
  old.kernel = {5, 15};
  CHECK(compiled_lines(text, old) == "-w /arm -p rwxa\n-w /users -p rwxa\n-w /all -p rwxa\n");
}

TEST_CASE("a rule is repeated for each user of a list that the host has", "[ruleset]") {
  const std::string list = "#@ users web = www-data apache http\n#@ each web\n";
  CHECK(compiled_lines(list + "-a always,exit -S all -F uid=www-data -k w\n-w /a") ==
        "-a always,exit -S all -F uid=33 -F key=w\n-a always,exit -S all -F uid=80 -F key=w\n"
        "-w /a -p rwxa\n");
  CHECK(compiled_lines(list + "-a always,exit -F uid=root").find("[each-unused]") !=
        std::string::npos);
}

TEST_CASE("directives that are wrong are told", "[ruleset]") {
  for (const std::string text :
       {"#@ if", "#@ if arch", "#@ if arch vax\n#@ end", "#@ if kernel 5.1\n#@ end",
        "#@ if kernel >= 5\n#@ end", "#@ else", "#@ end", "#@ if arch arm", "#@ each x",
        "#@ users x", "#@ what", "#@", "#@ if arch arm\n#@ else\n#@ else\n#@ end",
        "#@ if arch arm\n#@ end now"}) {
    CompiledText compiled = compile_text(text);
    INFO(text);
    CHECK_FALSE(compiled.findings.all().empty());
  }
}

TEST_CASE("the desired state is what the kernel has after all lines", "[ruleset]") {
  CHECK(
      state_lines("-w /gone\n-D\n-w /a -k x\n-A always,exit -S open -k y\n-A always,exit -S "
                  "close -k z\n-w /b -k xx\n-D -k x\n-w /c\n-W /c\n-d always,exit -S open -k y") ==
      "-a always,exit -S close -F key=z\n-w /b -p rwxa -k xx\n");
  CHECK(state_lines("-w /a\n-w /a -p axrw").find("[rule-duplicate]") != std::string::npos);
  CHECK(state_lines("-W /a").find("[rule-not-there]") != std::string::npos);
}

TEST_CASE("settings have the value that was given last", "[ruleset]") {
  CompiledText text = compile_text(
      "-b 64\n-b 8192 -f 2\n-r 0x10\n--backlog_wait_time 5\n--loginuid-immutable\n--reset-lost\n"
      "-q /mnt,/sub\n-t\n-i\n-c\n-e 2\n");
  const DesiredState state = desired_state(text.compiled, text.findings);
  CHECK(text.told() == "");
  CHECK(state.settings[Setting::backlog_limit] == 8192U);
  CHECK(state.settings[Setting::failure] == 2U);
  CHECK(state.settings[Setting::rate_limit] == 16U);
  CHECK(state.settings[Setting::backlog_wait_time] == 5U);
  CHECK(state.settings[Setting::enabled] == 2U);
  CHECK(state.settings[Setting::loginuid_immutable] == 1U);
  CHECK((state.actions.reset_lost && state.actions.trim));
  CHECK(state.actions.equivalents.at(0) == std::pair<std::string, std::string>("/mnt", "/sub"));
}

}  // namespace sorrel::ruleset
