// Every mistake that is known from public sets of rules, and every trap of auditctl's grammar: the
// smallest file that has it, and what is told about it. What is wrong with a line's form has more
// rows in findings_test.cpp.
#include <iterator>
#include <set>
#include <sstream>

#include "catch.h"
#include "compiled.h"
#include "ruleset/lint.h"

namespace sorrel::ruleset {
namespace {

struct Row {
  std::string mistake;
  std::string text;
  std::string ids;  // empty: nothing is told, and the mistake says why
};

// b64 and b32 in one: "R" is the rest of a rule with -S and -F.
std::string both(const std::string& rest) {
  return "-a always,exit -F arch=b64 " + rest + "\n-a always,exit -F arch=b32 " + rest + "\n";
}

const std::string kShadow = "-F path=/etc/shadow -F perm=";

const std::vector<Row>& rows() {
  static const std::vector<Row> rows = {
      // Public sets: what is refused, and what is hidden by it.
      {"-p behind a path, which auditctl reads as perm=", both("-F path=/etc/a -p wa -k x"), ""},
      {"-p before the path", "-a always,exit -p wa -F path=/etc/a -k x", "permission-alone"},
      {"an option for a key", "-a always,exit -S 3 -k -F auid=0", "value-missing"},
      {"a key that begins like an option", "-w /etc/a -p wa -k -T1078", "key-option"},
      {"no path, but a sign", "-a always,exit -F dir=+ -F perm=wa", "path-relative"},
      {"a field that is none", "-a always,exit -F obj=/opt/a", "field-unknown"},
      {"a user that the host lacks", "-a always,exit -F arch=b32 -S adjtimex -F uid=chrony",
       "user-unknown"},
      {"a number that the host lacks", both("-S execve,execveat -F uid=48 -k x"), "uid-unknown"},
      {"refused rules hidden by -i", "-i", "errors-hidden"},
      {"refused rules not hidden by -c", "-c", ""},
      {"paths of another system", both("-F path=/opt/homebrew/bin/brew -F perm=x -k x"),
       "path-foreign"},
      {"open without openat", both("-S open -F success=0 -F auid>=1000 -k x"), "call-sibling"},
      {"a name that no libaudit knows costs the rule: ours knows it, or leaves it out",
       both("-S fchmodat,fchmodat2,setxattrat,file_setattr -F auid>=1000 -k x"), ""},
      {"a call that no architecture has", both("-S opnat -k x"), "call-unknown"},
      // What the public sets miss.
      {"execve without execveat", both("-S execve -k x"), "call-sibling"},
      {"kexec_load without kexec_file_load", both("-S kexec_load -k x"), "call-sibling"},
      {"rename without renameat2", both("-S rename,renameat -F auid>=1000 -k x"), "call-sibling"},
      {"fchmodat without fchmodat2", both("-S fchmodat -F auid>=1000 -k x"), "call-sibling"},
      {"accept without accept4",
       "-a always,exit -F arch=b64 -S accept -F auid>=1000 -k x\n"
       "-a always,exit -F arch=b32 -S accept4 -F auid>=1000 -k x",
       "call-sibling"},
      {"clone without clone3", both("-S clone -F auid>=1000 -k x"), "call-sibling"},
      {"setxattr without setxattrat", both("-S setxattr,lsetxattr,fsetxattr -F auid>=1000 -k x"),
       "call-sibling"},
      {"mknod without mknodat", both("-S mknod -F auid>=1000 -k x"), "call-sibling"},
      {"openat without openat2", both("-S openat -F auid>=1000 -k x"), "call-sibling"},
      {"ptrace without process_vm_writev", both("-S ptrace -F auid>=1000 -k x"), "call-sibling"},
      {"mount without move_mount", both("-S mount -F auid>=1000 -k x"), "call-sibling"},
      {"write without pwrite, writev", both("-S write -F auid>=1000 -k x"), "call-sibling"},
      {"io_uring, bpf, pidfd_getfd unseen", "-D\n" + both("-S execve,execveat -k x"), "set-lacks"},
      {"programs of services unseen: no rule on every execve",
       "-D\n" + both("-S execve,execveat -F uid=33 -k x"), "set-lacks"},
      {"b64 only", "-a always,exit -F arch=b64 -S execve,execveat -k x", "twin-missing"},
      {"the only b32 rule is -S all", "-a always,exit -F arch=b32 -S all -k x", "rule-too-broad"},
      // What blinds.
      {"never on /dev/shm", "-a never,exit -F arch=b64 -S bpf -F dir=/dev/shm", "never-blinds"},
      {"never on cron", "-a never,exit -F subj_type=crond_t", "never-blinds"},
      {"never on a program", "-a never,exit -F arch=b64 -S all -F exe=/usr/bin/vmtoolsd",
       "never-blinds"},
      {"never on all services", "-a never,exit -F auid=unset", "never-blinds"},
      {"never on one call of a program", "-a never,exit -F arch=b64 -S adjtimex -F exe=/bin/a", ""},
      {"never,task", "-a never,task", "never-task"},
      {"EOE left out", "-a always,exclude -F msgtype=EOE", "exclude-needed"},
      {"CWD left out", "-a always,exclude -F msgtype=CWD", "exclude-needed"},
      {"EXECVE left out", "-a never,exclude -F msgtype=EXECVE", "exclude-needed"},
      // Noise.
      {"-p x on a shell", "-w /bin/bash -p x -k x", "rule-noisy"},
      {"-p x on tar", "-w /usr/bin/tar -p x -k x", "rule-noisy"},
      {"sockets of the internet", both("-S socket -F a0=2 -k x"), "rule-noisy"},
      {"semop, which i386 has as ipc", "-a always,exit -F arch=b64 -S semop -k x",
       "rule-noisy twin-missing"},
      {"setuid and its kin without a field", both("-S setuid,setresuid,setreuid -k x"),
       "rule-noisy"},
      {"root's execve: less than all programs, which a set should have",
       both("-S execve,execveat -F euid=0 -F auid>=1000 -k x"), ""},
      // Wrong values.
      {"exit=EPERM is positive", both("-S ptrace,process_vm_writev -F exit=EPERM -k x"),
       "exit-sign"},
      {"exit=13 is positive", both("-S ptrace,process_vm_writev -F exit=13 -k x"), "exit-positive"},
      {"a technique's number written wrong", "-w /etc/passwd -p wa -k TT1087_Account",
       "key-technique"},
      {"a technique that is gone", "-w /etc/a -p wa -k T1168_Local_Job", "key-technique"},
      {"a technique that is there", "-w /etc/a -p wa -k T1053.003", ""},
      {"a key that claims another technique than the rule catches: no file shows it",
       "-w /usr/bin/a -p wa -k T1068", ""},
      {"a size for an address", both("-S connect -F a2!=110 -k x"), "address-length"},
      {"success= misses connections that wait", both("-S connect -F success=1 -k x"),
       "success-connect"},
      {"success= with EINPROGRESS beside it",
       both("-S connect -F success=1 -k x") + both("-S connect -F exit=-EINPROGRESS -k x"), ""},
      {"a mask of most namespaces", both("-S unshare -F a0&0x7c020000 -k x"), "values-partial"},
      {"clone's flags are in a0", both("-S clone -F a2&0x100 -k x"), "clone-flags"},
      {"bpf: commands on maps left out",
       "-a never,exit -F arch=b64 -S bpf -F a0=1\n-a never,exit -F arch=b64 -S bpf -F a0=2\n"
       "-a never,exit -F arch=b64 -S bpf -F a0=3\n-a never,exit -F arch=b64 -S bpf -F a0=4",
       "values-partial"},
      // Paths.
      {"a loader of another machine", "-w /lib/ld-linux-aarch64.so.1 -p wa -k x", "path-foreign"},
      {"a folder that is not there", "-w /etc/missing/a -p wa -k x", "path-missing"},
      {"two names after usr-merge", "-w /bin/su -p x -k x\n-w /usr/bin/su -p x -k x", "path-same"},
      {"a folder that is a link after usr-merge", both("-F dir=/sbin -F perm=wa -k x"),
       "path-is-link"},
      {"a program that is a link", both("-S connect -F exe=/usr/bin/sh -k x"), "path-is-link"},
      {"a file that is a link", "-w /usr/bin/vi -p x -k x", "path-is-link"},
      {"path= on a folder", both("-F path=/etc -F perm=wa -k x"), "path-is-folder"},
      {"dir= on a file", both("-F dir=/etc/passwd -F perm=wa -k x"), "path-is-file"},
      {"a folder on every call", "-a always,exit -F dir=/etc -F perm=wa -k x", "watch-slow"},
      {"a folder on every call, and nothing to limit it", both("-F dir=/etc -F auid>=1000 -k x"),
       "watch-slow"},
      {"a key before what auditctl wants first: to the kernel it is no fault",
       "-a never,user -F uid=0 -F pid=1 -k x", ""},
      {"the memory of a process", both("-F path=/proc/1/mem -F perm=w -k x"), "path-volatile"},
      {"a pattern", "-w /home/*/.ssh -p wa -k x", "path-wildcard"},
      {"..", "-w /etc/../a -p wa -k x", "path-relative"},
      {"the whole file system", "-w / -k x", "path-root"},
      {"a slash at the end of path=", "-a always,exit -F path=/etc/a/", "path-slash"},
      {"a path of 5000 bytes", "-w /" + std::string(5000, 'x'), "path-too-long"},
      // Order.
      {"the same rule twice", "-w /etc/a -p wa -k x\n-w /etc/a -p wa -k x", "rule-duplicate"},
      {"a wider rule first", both(kShadow + "wa -k one") + both(kShadow + "w -k two"),
       "rule-shadowed"},
      {"a wider rule first takes some of the calls",
       both("-S unlinkat,linkat -F auid>=1000 -k one") +
           both("-S unlinkat,symlinkat -F auid>=1000 -F uid=0 -k two"),
       "rule-order"},
      {"a folder first takes some of the permissions",
       both("-F dir=/etc -F perm=wa -k one") + both(kShadow + "rwa -k two"), "rule-order"},
      {"never behind what it should silence",
       both("-S execve,execveat -k x") + "-a never,exit -F arch=b64 -S execve,bpf -F uid=0",
       "rule-order"},
      {"narrow first", both(kShadow + "wa -k one") + both("-F dir=/etc -F perm=wa -k two"), ""},
      {"-e 2 first", "-e 2\n-w /etc/a", "lock-early"},
      // The grammar's traps.
      {"without arch= the number is another call for b32", "-a always,exit -S memfd_create -k x",
       "arch-missing"},
      {"another machine's architecture", "-a always,exit -F arch=aarch64 -S bpf -k x", "arch-dead"},
      {"-S before arch", "-a always,exit -S open -F arch=b64 -k x", "arch-late"},
      {"-S where there are no calls", "-a always,user -S open", "calls-not-here"},
      {"a list that is gone", "-a always,entry -S open", "list-gone"},
      {"an action that is gone", "-a possible,exit -S open", "action-gone"},
      {"two lists", "-a always,exit -a never,exit", "rule-twice"},
      {"no list before a field", "-F uid=0 -a always,exit", "list-late"},
      {"a comparison that is none", "-a always,exit -C uid!=gid", "comparison-unknown"},
      {"-w with a field", "-w /etc/a -F uid=0", "watch-mixed"},
      {"a key of 257 bytes", "-w /etc/a -k " + std::string(257, 'k'), "key-too-long"},
      {"a key of 256 bytes: the manual's 31 are long gone",
       "-w /etc/a -p wa -k " + std::string(256, 'k'), ""},
      {"65 fields",
       [] {
         std::string text = "-a always,exit -F arch=b64 -S bpf";
         for (int i = 0; i < 64; ++i) text += " -F pid!=" + std::to_string(i);
         return text;
       }(),
       "fields-too-many"},
      {"two programs", "-a always,exit -F exe=/a -F exe=/b", "exe-twice"},
      {"two paths", "-a always,exit -F path=/a -F dir=/b", "path-twice"},
      {"a5", "-a always,exit -S open -F a4=1", "field-unknown"},
      {"a field of another list", "-a always,exit -F msgtype=CWD", "field-not-here"},
      {"a field that the list passes over", "-a always,user -F euid=0", "field-ignored"},
      {"an operator that the kernel lacks", "-a always,exit -S open -F uid&1", "operator-invalid"},
      {"a number with junk", "-a always,exit -F pid=12abc", "value-invalid"},
      {"33 bits", "-a always,exit -F uid=4294967297", "value-too-large"},
      {"a group that is unset", "-a always,exit -F gid=-1", "value-unset"},
      {"a session by name", "-a always,exit -F sessionid=foo", "value-invalid"},
      {"success=7", both("-S bpf -F success=7 -k x"), "value-odd"},
      {"success=yes, which auditctl refuses: it is read as meant",
       both("-S bpf -F success=yes -k x"), ""},
      {"a family by name, which auditctl takes for 0: it is read as meant",
       both("-S connect -F saddr_fam=inet -k x"), ""},
      {"an operator in a path, at which auditctl fails: it is read as meant",
       both("-F path=/etc/a!=b -F perm=wa -k x"), ""},
      {"-D -k deletes by a part of the key", "-w /etc/a -p wa -k foobar\n-D -k foo", "delete-wide"},
      {"-d of a rule that is not there", "-d always,exit -S open", "rule-not-there"},
      {"-R in a file", "-R /etc/audit/other.rules", "option-no-rule"},
      {"a comment behind a rule", "-w /etc/a -p wa # why", "comment-trailing"},
      {"a quote that is not closed", "-w /etc/a -k 'x", "quote-open"},
      {"-e 3", "-e 3", "number-invalid"},
      {"-b with junk", "-b 8192k", "number-invalid"},
  };
  return rows;
}

// A merged /usr, with one shell that is a link.
class MergedPaths : public PathProbe {
 public:
  PathKind kind(const std::string& path) const override {
    static const std::set<std::string> folders = {"/",    "/etc",     "/usr/bin", "/bin", "/sbin",
                                                  "/opt", "/dev/shm", "/usr",     "/lib", "/home"};
    if (folders.contains(path)) return PathKind::folder;
    return path.find("/missing") == std::string::npos ? PathKind::other : PathKind::missing;
  }
  std::string real_path(const std::string& path) const override {
    if (kind(path) == PathKind::missing) return "";
    if (path == "/bin" || path == "/sbin") return "/usr" + path;
    if (path == "/usr/bin/sh") return "/usr/bin/dash";
    if (path == "/usr/bin/vi") return "/usr/bin/vim";
    return path;
  }
};

std::set<std::string> told_ids(const std::string& text) {
  static const MergedPaths kPaths;
  static const host::UserDb kUsers = host::UserDb::parse(
      "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/\n", "root:x:0:\nwww-data:x:33:\n");
  Target target;
  target.paths = &kPaths;
  target.users = &kUsers;
  CompiledText compiled = compile_text(text, target);
  const DesiredState state = desired_state(compiled.compiled, compiled.findings);
  lint({compiled.script, state, target}, compiled.findings);
  std::set<std::string> ids;
  for (const Finding& one : compiled.findings.all()) {
    ids.insert(std::string(one.id));
    CHECK_FALSE(one.why.empty());
    CHECK_FALSE(one.remedy.empty());
  }
  return ids;
}

}  // namespace

TEST_CASE("every known mistake is told, and nothing else about its file", "[ruleset][lint]") {
  std::set<std::string> mistakes;
  for (const Row& row : rows()) {
    INFO(row.mistake << "\n" << row.text);
    CHECK(mistakes.insert(row.mistake).second);
    std::istringstream words(row.ids);
    const std::set<std::string> expected{std::istream_iterator<std::string>(words), {}};
    CHECK(told_ids(row.text) == expected);
  }
  CHECK(mistakes.size() >= 100);
}

}  // namespace sorrel::ruleset
