#include "ruleset/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "catch.h"
#include "ruleset/version_order.h"
#include "temp_folder.h"

namespace sorrel::ruleset {
namespace {

// The commands in order, as letters, rules by their key.
std::string order(const Script& script) {
  std::string text;
  for (const Statement& one : script.statements) {
    if (one.command == Command::add_rule) text += one.rule.keys.at(0).text + ' ';
    if (one.command == Command::delete_all) text += one.words.empty() ? "D " : "Dk ";
    if (one.command == Command::backlog_limit) text += "b" + std::to_string(one.number) + ' ';
    if (one.command == Command::failure) text += "f" + std::to_string(one.number) + ' ';
    if (one.command == Command::enabled) text += "e" + std::to_string(one.number) + ' ';
    if (one.command == Command::rate_limit) text += "r" + std::to_string(one.number) + ' ';
  }
  return text;
}

}  // namespace

TEST_CASE("files come in the order of sort -V", "[ruleset]") {
  // The output of `LC_ALL=C sort -V`.
  const std::vector<std::string> sorted = {
      "10.rules",    "10-a.rules", "10-b.rules", "20-x.rules", "20-x.rules.rules", "99-z.rules",
      "100-a.rules", "A.rules",    "a~1.rules",  "a.rules",    "a01.rules",        "a1.rules",
      "a2.rules",    "a10.rules",  "ab.rules",   "a-b.rules",
  };
  std::vector<std::string> names = sorted;
  std::ranges::reverse(names);
  std::ranges::sort(names, version_less);
  CHECK(names == sorted);
}

TEST_CASE("a folder's rules are put into augenrules' order", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  folder.write("10-a.rules", "-e 2\n-D\n-f 1\n-w /a -k a\n-b 1\n");
  folder.write("9-b.rules", "-w /b -k b\n-r 5\n-b 9\n-D -k x\n");
  folder.write("20-c.rules", "-f 2\n-D\n-e 1\n-w /c -k c");  // no line end
  folder.write("30-d.rules.off", "-w /d -k d\n");
  folder.write(".40-e.rules", "-w /e -k e\n");
  std::filesystem::create_directory(folder.path() + "/50-f.rules");
  Script script;
  Findings findings;
  REQUIRE(read_rules(folder.path(), script, findings));
  CHECK(findings.errors() == 0);
  CHECK(order(script) == "D b1 f2 b r5 Dk a c e1 ");
  CHECK(script.files.size() == 3);
}

TEST_CASE("a file keeps its order", "[ruleset]") {
  const sorrel::test::TempFolder folder;
  folder.write("one", "-e 2\n-w /a -k a\n-D\n");
  Script script;
  Findings findings;
  REQUIRE(read_rules(folder.path() + "/one", script, findings));
  CHECK(order(script) == "e2 a D ");
}

TEST_CASE("a file that everybody may write to is told", "[ruleset]") {
  namespace fs = std::filesystem;
  const sorrel::test::TempFolder folder;
  folder.write("mine", "-w /a -k a\n");
  folder.write("open", "-w /b -k b\n");
  fs::permissions(folder.path() + "/mine", fs::perms::others_write, fs::perm_options::remove);
  fs::permissions(folder.path() + "/open", fs::perms::others_write, fs::perm_options::add);
  Script script;
  Findings findings;
  REQUIRE(read_rules(folder.path() + "/mine", script, findings));
  CHECK(findings.warnings() == 0);
  REQUIRE(read_rules(folder.path() + "/open", script, findings));
  REQUIRE(findings.warnings() == 1);
  CHECK(findings.all()[0].id == "file-writable");
  CHECK(findings.all()[0].place == Place{1, 0, 0});
}

TEST_CASE("what cannot be read is an error", "[ruleset]") {
  Script script;
  Findings findings;
  CHECK_FALSE(read_rules("/nonexistent/rules", script, findings));
  const sorrel::test::TempFolder folder;
  std::filesystem::resize_file((folder.write("big", ""), folder.path() + "/big"),
                               kMaxRuleFileBytes + 1);
  const Status status = read_rules(folder.path() + "/big", script, findings);
  REQUIRE_FALSE(status);
  CHECK(status.error().message.find("16 MiB") != std::string::npos);
}

}  // namespace sorrel::ruleset
