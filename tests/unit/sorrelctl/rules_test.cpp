// sorrelctl rules check and compile: options, the form of the answers, the host that is meant.
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <simdjson.h>

#include "catch.h"
#include "sorrelctl/rules_host.h"
#include "sorrelctl/rules_options.h"
#include "sorrelctl/rules_reading.h"
#include "sorrelctl/rules_report.h"

namespace sorrel::sorrelctl {
namespace {

Result<RulesOptions> parse(std::vector<std::string> words) {
  std::vector<char*> argv;
  words.insert(words.begin(), "check");
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_rules_options(static_cast<int>(words.size()), argv.data());
}

// A file in the folder of this test run, gone at the end.
class RulesFile {
 public:
  explicit RulesFile(std::string_view text) {
    path_ = "sorrelctl_rules_test." + std::to_string(::getpid()) + ".rules";
    std::ofstream(path_) << text;
  }
  ~RulesFile() { std::remove(path_.c_str()); }
  RulesFile(const RulesFile&) = delete;
  RulesFile& operator=(const RulesFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST_CASE("options of rules check are read", "[sorrelctl]") {
  const auto options =
      parse({"--arch", "aarch64", "--kernel=5.10", "--strict", "--json", "a", "-"});
  REQUIRE(options);
  CHECK(options->arch == record::arch::kAarch64);
  CHECK(options->kernel == ruleset::KernelVersion{5, 10});
  CHECK(options->strict);
  CHECK(options->format == RulesFormat::json);
  CHECK(options->paths == std::vector<std::string>{"a", "-"});
}

TEST_CASE("options of rules check that are wrong are refused", "[sorrelctl]") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"--arch", "vax", "a"},
                                                {"--kernel", "6", "a"},
                                                {"--kernel", "6.", "a"},
                                                {"--kernel", "6.1x", "a"},
                                                {"--arch"},
                                                {"--what", "a"}}) {
    CHECK_FALSE(parse(words));
  }
}

TEST_CASE("findings as JSON name place, id, reason and remedy", "[sorrelctl]") {
  const RulesFile file("-w /a -p wa\n-a always,exit -F usr=\"x\"\n-w /a -p aw\n");
  const ReadRules read = read_and_compile({file.path()}, {}, true);
  std::string out;
  append_findings_json(read.findings, read.script.files, read.rules, out);
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(out);
  CHECK(std::uint64_t(root["schema"]) == 1);
  CHECK(std::uint64_t(root["errors"]) == 1);
  CHECK(std::uint64_t(root["warnings"]) == 1);
  CHECK(std::uint64_t(root["rules"]) == 2);
  const simdjson::dom::element first = root["findings"].at(0);
  CHECK(std::string_view(first["file"]) == file.path());
  CHECK(std::uint64_t(first["line"]) == 2);
  CHECK(std::uint64_t(first["column"]) == 19);
  CHECK(std::string_view(first["severity"]) == "error");
  CHECK(std::string_view(first["id"]) == "field-unknown");
  CHECK(std::string_view(first["why"]) == "there is no field 'usr'");
  CHECK(std::string_view(first["remedy"]) == "did you mean 'uid'?");
}

TEST_CASE("a file that is not there is a finding", "[sorrelctl]") {
  const ReadRules read = read_and_compile({"/nonexistent/x.rules"}, {}, true);
  REQUIRE(read.findings.errors() == 1);
  CHECK(ruleset::finding_text(read.findings.all()[0], read.script.files) ==
        "/nonexistent/x.rules: error: cannot find /nonexistent/x.rules: No such file or directory "
        "[file-unreadable]");
}

TEST_CASE("a compiled rule as JSON has its fields and bytes", "[sorrelctl]") {
  const RulesFile file("-A always,exit -S 3 -F uid>=5 -k \"it's\"\n");
  const ruleset::Target target;
  const ReadRules read = read_and_compile({file.path()}, target, false);
  REQUIRE(read.compiled.size() == 1);
  std::string out;
  append_rule_json(read.compiled[0], read.script.files, target, out);
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(out);
  CHECK(std::string_view(root["command"]) == "add");
  CHECK(std::string_view(root["text"]) == "-A always,exit -S close -F uid>=5 -F key=it\\'s");
  CHECK(bool(root["prepend"]));
  CHECK(std::string_view(root["fields"].at(0)["op"]) == ">=");
  CHECK(std::string_view(root["fields"].at(1)["text"]) == "it's");
  CHECK(std::string_view(root["hex"]).size() == 2 * (1040 + 4));
}

TEST_CASE("users and folders are those below the root", "[sorrelctl]") {
  RulesOptions options;
  options.root = SORREL_TEST_DIR "/fakeroot";
  options.kernel = ruleset::KernelVersion{5, 4};
  RulesHost host(options);
  REQUIRE(host.load());
  CHECK(host.target().kernel == ruleset::KernelVersion{5, 4});
  CHECK(host.target().users->user_id("root") == 0U);
  CHECK(host.target().paths->kind("/etc") == ruleset::PathKind::folder);
  CHECK(host.target().paths->kind("/etc/passwd") == ruleset::PathKind::other);
  CHECK(host.target().paths->kind("/proc") == ruleset::PathKind::missing);
  options.root = "/nonexistent";
  RulesHost nowhere(options);
  CHECK_FALSE(nowhere.load());
}

}  // namespace sorrel::sorrelctl
