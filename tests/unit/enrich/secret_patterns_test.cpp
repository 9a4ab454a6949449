#include "enrich/secret_patterns.h"

#include <string>

#include "catch.h"
#include "redacted.h"

namespace sorrel::enrich {
namespace {

SecretRule rule(const std::string& pattern) {
  SecretRule r;
  r.name = "r";
  r.place = "f.yaml:3:5";
  r.pattern = pattern;
  return r;
}

std::string error_of(const SecretRule& r) {
  const auto made = Secrets::make({r});
  return made ? "" : made.error().message;
}

// The text of one argument with the rule applied.
std::string applied(const SecretRule& r, const std::string& argument) {
  const auto secrets = test::make_secrets({r});
  const std::string out =
      test::bodies(test::redact({"EXECVE argc=1 a0=" + test::value(argument)}, *secrets));
  return out.substr(out.find("a0=") + 3);
}

}  // namespace

TEST_CASE("what is wrong with a rule is said with its place", "[secrets]") {
  CHECK(error_of(rule("a(b")) == "f.yaml:3:5: secret rule 'r': pattern: missing ): a(b");
  CHECK(error_of(rule("abc")) ==
        "f.yaml:3:5: secret rule 'r': pattern: no group; put what is secret into parentheses");
  CHECK(error_of(rule("")) == "f.yaml:3:5: secret rule 'r': pattern: is missing");
  CHECK(error_of(rule("(a)(b)(c)(d)(e)(f)(g)(h)(i)")).find("more than 8 groups") !=
        std::string::npos);
  SecretRule r = rule("(abc)");
  r.after = "[";
  CHECK(error_of(r) == "f.yaml:3:5: secret rule 'r': after: missing ]: [");
  r = rule("(abc)");
  r.except = "*";
  CHECK(error_of(r).starts_with("f.yaml:3:5: secret rule 'r': except: "));
  r = rule("(abc)");
  r.cut = "abc";
  CHECK(error_of(r).starts_with("f.yaml:3:5: secret rule 'r': cut: no group"));
  r = rule("(abc)");
  for (int i = 0; i < 513; ++i) r.programs.push_back("p" + std::to_string(i));
  CHECK(error_of(r).find("more than 512 programs") != std::string::npos);
  r = rule("(abc)");
  SecretRule same = r;
  same.place = "g.yaml:1:1";
  const auto twice = Secrets::make({r, same});
  REQUIRE(!twice);
  CHECK(twice.error().message ==
        "g.yaml:1:1: secret rule 'r': this name is taken by the rule at f.yaml:3:5");
}

TEST_CASE("a rule that fails its own example is refused", "[secrets]") {
  SecretRule r = rule("^--pw=(.+)$");
  r.matches = {"tool --pw={{hunter2}}"};
  r.non_matches = {"tool --pwd=x"};
  CHECK(error_of(r) == "");
  r.matches = {"tool --pwd={{hunter2}}"};
  CHECK(error_of(r) ==
        "f.yaml:3:5: secret rule 'r': its example should become 'tool --pwd=<redacted>' and "
        "becomes 'tool --pwd=hunter2'");
  r.matches = {"tool --pw=hunter2"};
  CHECK(error_of(r).find("marks no {{secret}}") != std::string::npos);
  r.matches = {"tool --pw={{hunter}}2"};
  CHECK(error_of(r) != "");
  r.matches = {};
  r.non_matches = {"tool --pw=x"};
  CHECK(error_of(r) != "");
}

TEST_CASE("every group of a pattern is a secret, wherever it matches", "[secrets]") {
  CHECK(applied(rule("key(\\d+)-(\\d+)?"), "key12-34,key5-,key-") ==
        "\"key<redacted>-<redacted>,key<redacted>-,key-\"\n");
  CHECK(applied(rule("abc(x*)"), "abc,abcx,abcabcxx") ==
        "\"abc,abc<redacted>,abcabc<redacted>\"\n");
  // Findings that overlap or touch become one.
  CHECK(applied(rule("ab(cd)(ef)"), "abcdef!") == "\"ab<redacted>!\"\n");
}

TEST_CASE("a rule without a text to look for is tried on everything", "[secrets]") {
  CHECK(applied(rule("([0-9]{6,})"), "x1234567y") == "\"x<redacted>y\"\n");
}

TEST_CASE("a pattern is about bytes", "[secrets]") {
  CHECK(applied(rule("key=(.+)"), "key=\xff\xfe\n\x01") == "\"key=<redacted>\"\n");
  CHECK(applied(rule("key=(.+)"), std::string("key=a\nb\xc3\xa4", 9)) == "\"key=<redacted>\"\n");
}

TEST_CASE("more findings than can be told apart take the rest of the word", "[secrets]") {
  std::string argument = "start ";
  for (int i = 0; i < 3000; ++i) argument += "key1;";
  const std::string out = applied(rule("key(1)"), argument);
  CHECK(out.find("31") == std::string::npos);
}

}  // namespace sorrel::enrich
