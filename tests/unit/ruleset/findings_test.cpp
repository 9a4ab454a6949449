// One row for each way in which a line can be wrong: the line, and all that is told.
#include "catch.h"
#include "compiled.h"

namespace sorrel::ruleset {
namespace {

const host::UserDb& users() {
  static const host::UserDb users = host::UserDb::parse(
      "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/\n", "root:x:0:\nwww-data:x:33:\n");
  return users;
}

struct Row {
  std::string line;
  std::string place_and_id;  // "LINE:COLUMN severity id", separated by "; "
};

std::string summary(CompiledText& text) {
  text.findings.sort();
  std::string all;
  for (const Finding& finding : text.findings.all()) {
    if (!all.empty()) all += "; ";
    all += std::to_string(finding.place.line) + ':' + std::to_string(finding.place.column);
    all += finding.severity == Severity::error ? " error " : " warning ";
    all += finding.id;
    CHECK_FALSE(finding.why.empty());
    CHECK_FALSE(finding.remedy.empty());
  }
  return all;
}

void check_rows(const std::vector<Row>& rows, Target target = {}) {
  target.users = &users();
  for (const Row& row : rows) {
    CompiledText text = compile_text(row.line, target);
    INFO(row.line << "\n" << text.told());
    CHECK(summary(text) == row.place_and_id);
    if (text.findings.errors() != 0) CHECK(text.compiled.empty());
  }
}

}  // namespace

TEST_CASE("lines that cannot be split are told with the place of the fault", "[ruleset]") {
  check_rows({
      {"-w /a -k 'x", "1:10 error quote-open"},
      {"-w /a -k x\"y", "1:11 error quote-open"},
      {"-w /a \\", "1:7 error escape-open"},
      {"-w /a\x01", "1:6 error byte-control"},
      {std::string("-w /a\0b", 7), "1:6 error byte-control"},
      {"-w /a -k " + std::string(20'000, 'x'), "1:1 error line-too-long"},
      {"\xef\xbb\xbf-b 8", "1:1 warning byte-order-mark"},
      {"-w /a # why", "1:7 error comment-trailing"},
  });
}

TEST_CASE("options that do not fit are told", "[ruleset]") {
  check_rows({
      {"-x", "1:2 error option-unknown"},
      {"--reset-lots", "1:1 error option-unknown"},
      {"--reset-lost=1", "1:13 error value-stray"},
      {"-l", "1:2 error option-no-rule"},
      {"-R /etc/audit/other.rules", "1:2 error option-no-rule"},
      {"/etc/passwd -p wa", "1:1 error word-stray; 1:13 error permission-alone"},
      {"-w /a b", "1:7 error word-stray"},
      {"-w", "1:1 error value-missing"},
      {"-a always,exit -S open -k -F pid=1", "1:24 error value-missing"},
      {"-w /a -D", "1:1 error line-mixed"},
      {"-b 5 -w /a", "1:1 error line-mixed"},
      {"-D -e 1", "1:1 error line-mixed"},
      {"-k foo", "1:1 error list-missing"},
      {"-e 3", "1:4 error number-invalid"},
      {"-f 9x", "1:4 error number-invalid"},
      {"-b -1", "1:4 error number-invalid"},
      {"-r 4294967296", "1:4 error number-invalid"},
      {"--backlog_wait_time=x", "1:21 error number-invalid"},
      {"-q /a", "1:4 error equivalent-invalid"},
      {"-q /a,b", "1:7 error path-relative"},
  });
}

TEST_CASE("lists and actions that are not there are told", "[ruleset]") {
  check_rows({
      {"-a always", "1:4 error list-invalid"},
      {"-a always,exit,x", "1:4 error list-invalid"},
      {"-a always,entry", "1:4 error list-gone"},
      {"-a always,exitt", "1:4 error list-unknown"},
      {"-a possible,exit", "1:4 error action-gone"},
      {"-a sometimes,exit", "1:4 error action-unknown"},
      {"-a always,exit -a never,task", "1:16 error rule-twice"},
      {"-w /a -w /b", "1:7 error rule-twice"},
      {"-S open -a always,exit", "1:1 error list-late"},
      {"-F pid=1 -a always,exit", "1:4 error list-late"},
      {"-a always,task -S open", "1:16 error calls-not-here"},
      {"-a always,exit -S open,,close", "1:24 error call-missing"},
      {"-a never,exclude -C uid!=euid", "1:21 error field-not-here"},
  });
}

TEST_CASE("fields that are wrong are told, all of a line at once", "[ruleset]") {
  const std::string rule = "-a always,exit -F ";
  check_rows({
      {rule + "usr=1", "1:19 error field-unknown"},
      {rule + "usr=1 -F pid=x -S opnat",
       "1:19 error field-unknown; 1:32 error value-invalid; 1:37 error call-unknown"},
      {rule + "pid", "1:19 error field-invalid"},
      {rule + "pid=", "1:23 error value-missing"},
      {rule + "pid=12abc", "1:23 error value-invalid"},
      {rule + "pid=08", "1:23 error value-invalid"},
      {rule + "pid=0x", "1:23 error value-invalid"},
      {rule + "pid=-1", "1:23 error value-invalid"},
      {rule + "pid=+1", "1:23 error value-invalid"},
      {rule + "pid=4294967296", "1:23 error value-too-large"},
      {rule + "pid=99999999999999999999999", "1:23 error value-too-large"},
      {rule + "a0=-2147483649", "1:22 error value-too-large"},
      {rule + "pid&1", "1:22 error operator-invalid"},
      {rule + "uid=unset", "1:23 error value-unset"},
      {rule + "gid=-1", "1:23 error value-unset"},
      {rule + "auid>=unset", "1:25 error operator-invalid"},
      {rule + "sessionid=foo", "1:29 error value-invalid"},
      {rule + "arch=b65", "1:24 error arch-unknown"},
      {rule + "arch>b64", "1:23 error operator-invalid"},
      {rule + "exit=EFOO", "1:24 error errno-unknown"},
      {rule + "exit=EACCES", "1:24 warning exit-sign"},
      {rule + "success=maybe", "1:27 error value-invalid"},
      {rule + "success=7", "1:27 warning value-odd"},
      {rule + "saddr_fam=inet7", "1:29 error value-invalid"},
      {rule + "saddr_fam=46", "1:29 error value-invalid"},
      {rule + "filetype=pipe", "1:28 error value-invalid"},
      {rule + "filetype=1", "1:28 error value-invalid"},
      {rule + "perm=q", "1:24 error value-invalid"},
      {rule + "perm=rwxar", "1:24 error value-invalid"},
      {rule + "field_compare=26", "1:33 error value-invalid"},
      {rule + "loginuid_set=2", "1:32 error value-invalid"},
      {rule + "msgtype=CWD", "1:19 error field-not-here"},
      {"-a never,exclude -F msgtype=CDW", "1:29 error msgtype-unknown"},
      {"-a never,exclude -F msgtype=SORREL_LOSS", "1:29 error msgtype-unknown"},
      {"-a never,filesystem -F fstype=ext4", "1:31 error value-invalid"},
      {"-a never,filesystem -F pid=1", "1:24 error field-not-here"},
      {"-a always,exit -S open -F arch=b64", "1:27 error arch-late"},
      {"-a always,exit -C uid=gid", "1:19 error comparison-unknown"},
      {"-a always,exit -C uid>euid", "1:19 error comparison-invalid"},
      {"-a always,exit -C uid", "1:19 error comparison-invalid"},
      {"-a always,exit -F exe=/a -F exe=/b", "1:29 error exe-twice"},
      {"-a always,exit -F path=/a -F dir=/b", "1:30 error path-twice"},
      {"-a always,exit -F path=/a -F inode=7", "1:30 error path-twice"},
  });
}

TEST_CASE("paths that the kernel refuses are told", "[ruleset]") {
  check_rows({
      {"-w etc/passwd", "1:4 error path-relative"},
      {"-w /", "1:4 error path-root"},
      {"-a always,exit -F dir=/", "1:23 error path-root"},
      {"-a always,exit -F path=/etc/", "1:24 error path-slash"},
      {"-w /" + std::string(256, 'x'), "1:4 error path-too-long"},
      {"-w /" + std::string(4096, '/') + "x", "1:4 error path-too-long"},
      {"-w /etc/../passwd", "1:4 warning path-relative"},
      {"-w /etc/*", "1:4 warning path-wildcard"},
      {"-a always,exit -F dir=/x -p wa", ""},
      {"-a always,exit -p wa -F dir=/x", "1:16 error permission-alone"},
      {"-a always,user -F uid=0 -p wa", "1:25 error field-not-here"},
      {"-a always,exit -F dir=/x -p wq", "1:29 error value-invalid"},
      {"-w /a -F pid=1", "1:10 error watch-mixed"},
      {"-w /a -p q", "1:10 error value-invalid"},
      {"-w /a -k \"\"", "1:10 error value-missing"},
      {"-w /a -k " + std::string(257, 'k'), "1:10 error key-too-long"},
      {"-w /a -k " + std::string(200, 'k') + " -k " + std::string(60, 'k'),
       "1:214 error key-too-long"},
  });
}

TEST_CASE("what the host cannot have is left out with a warning, the rest of the rule stays",
          "[ruleset]") {
  Target arm;
  arm.arch = record::arch::kAarch64;
  check_rows({{"-a always,exit -F arch=b64 -S open,openat -k x", "1:31 warning call-not-here"},
              {"-a always,exit -F arch=b64 -S open,creat -k x",
               "1:1 warning rule-empty; 1:31 warning call-not-here; 1:36 warning call-not-here"}},
             arm);
  Target power;
  power.arch = record::arch::kPpc64le;
  check_rows({{"-a always,exit -F arch=b32 -S open", "1:24 warning arch-not-here"}}, power);
  Target old;
  old.kernel = {4, 18};
  check_rows({{"-a always,io_uring -S openat", "1:1 error kernel-too-old"},
              {"-a always,exit -F saddr_fam=2", "1:19 error kernel-too-old"}},
             old);
  Target plain_exclude;
  plain_exclude.features = 0x77;
  check_rows({{"-a never,exclude -F msgtype=CWD", ""},
              {"-a never,exclude -F pid=1", "1:21 error kernel-too-old"}},
             plain_exclude);
  check_rows({
      {"-a always,exit -F uid=chrony", "1:23 warning user-unknown"},
      {"-a always,exit -F gid!=chrony", "1:24 error group-unknown"},
      {"-a always,exit -S 2032", "1:19 error call-invalid"},
      {"-a always,exit -S 5x", "1:19 error call-invalid"},
      {"-a always,exit -S opnat", "1:19 error call-unknown"},
      {"-a always,io_uring -S opnat", "1:23 error call-unknown"},
  });
}

TEST_CASE("a finding names its file, place, reason and remedy", "[ruleset]") {
  CompiledText text = compile_text("-b 8192\n\t-a always,exit -F usid=0\n");
  CHECK(text.told() ==
        "r:2:20: error: there is no field 'usid'; did you mean 'uid'? [field-unknown]\n");
}

TEST_CASE("notes are counted apart", "[ruleset]") {
  Findings findings;
  findings.note({0, 3, 1}, {"path-missing", "why", "remedy"});
  findings.warning({0, 1, 1}, {"rule-order", "why", "remedy"});
  CHECK(findings.notes() == 1);
  CHECK(findings.warnings() == 1);
  CHECK(findings.errors() == 0);
  CHECK(findings.dropped() == 0);
  CHECK(finding_text(findings.all()[0], std::vector<std::string>{"r"}) ==
        "r:3:1: note: why; remedy [path-missing]");
}

TEST_CASE("findings beyond the limit are counted", "[ruleset]") {
  std::string text;
  for (std::size_t i = 0; i < Findings::kMaxFindings + 5; ++i) text += "-x\n";
  const CompiledText compiled = compile_text(text);
  CHECK(compiled.findings.all().size() == Findings::kMaxFindings);
  CHECK(compiled.findings.dropped() == 5);
}

}  // namespace sorrel::ruleset
