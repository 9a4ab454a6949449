#include "ruleset/explain.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catch.h"
#include "compiled.h"

using namespace sorrel;
using namespace sorrel::ruleset;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

Explanation explained(const std::string& line) {
  const CompiledText text = compile_text(line + '\n');
  INFO(line);
  REQUIRE(text.compiled.size() == 1);
  return explain(text.compiled[0].rule, {});
}

bool has(const std::vector<std::string>& words, const std::string& wanted) {
  return std::ranges::find(words, wanted) != words.end();
}

}  // namespace

TEST_CASE("conditions are said in words", "[ruleset]") {
  struct Row {
    const char* fields;
    const char* words;
  };
  const std::string begin = "-a always,exit -F arch=b64 -S openat ";
  for (const Row& row : std::initializer_list<Row>{
           {"", "the call is one of the 64-bit ones (x86_64)"},
           {"-F auid!=unset", "somebody has logged in"},
           {"-F auid=-1", "nobody has logged in: it is a service"},
           {"-F auid>=1000", "the user who logged in is at least 1000"},
           {"-F euid=0", "the effective user is 0"},
           {"-F exit=-EACCES", "the call fails with EACCES"},
           {"-F exit>=0", "what the call returns is at least 0"},
           {"-F success=0", "the call fails"},
           {"-F success!=0", "the call succeeds"},
           {"-F a2&0x40", "the third argument has one of the bits of 0x40"},
           {"-F exe!=/usr/bin/vi", "the program is not /usr/bin/vi"},
           {"-F dir=/etc", "/etc, or something below it, is meant"},
           {"-F path=/etc/passwd", "the file /etc/passwd is meant"},
           {"-F perm=wa", "it could be written or changed in its attributes by the call"},
           {"-F perm=rx", "it could be read or executed by the call"},
           {"-C uid!=euid", "the user is not the effective user"},
           {"-F filetype=socket", "the type of the file is socket"},
           {"-F saddr_fam=2", "the family of the socket address is inet (2)"},
       }) {
    const Explanation words = explained(begin + row.fields);
    INFO(row.fields);
    CHECK(has(words.conditions, row.words));
  }
}

TEST_CASE("what a list does is said", "[ruleset]") {
  CHECK_THAT(explained("-a never,task -F uid=33").effect, Contains("never audited"));
  CHECK_THAT(explained("-a always,exclude -F msgtype=CWD").effect, Contains("left out"));
  CHECK_THAT(explained("-a never,exit -F arch=b64 -S all").effect, StartsWith("no event"));
  CHECK_THAT(explained("-a never,filesystem -F fstype=tracefs").effect, Contains("file names"));
}

TEST_CASE("calls are named, the first few", "[ruleset]") {
  CHECK(explained("-a always,exit -F arch=b64 -S openat,unlinkat").calls == "openat, unlinkat");
  CHECK(explained("-a always,exit -F arch=b64 -S all -F uid=0").calls == "all");
  const Explanation many = explained("-a always,exit -F arch=b64 -F path=/etc/x -F perm=w");
  CHECK_THAT(many.calls, Contains(" more"));
  CHECK(many.call_count > 8);
}

TEST_CASE("keys are taken apart, and what is easily overlooked is told", "[ruleset]") {
  const Explanation two = explained("-w /etc/passwd -p wa -k one -k two");
  CHECK(two.keys == std::vector<std::string>{"one", "two"});
  CHECK(two.notes.size() == 2);
  CHECK_THAT(explained("-a always,exit -S openat").notes.at(0), Contains("without arch="));
}
