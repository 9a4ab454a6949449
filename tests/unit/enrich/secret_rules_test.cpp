#include "config/secret_rules.h"

#include <string>

#include "catch.h"
#include "enrich/secret_examples.h"
#include "redacted.h"

namespace sorrel::enrich {
namespace {

std::string error_of(std::string_view text) {
  const auto rules = config::parse_secret_rules("s.yaml", text);
  return rules ? "" : rules.error().message;
}

}  // namespace

TEST_CASE("each shipped rule has examples both ways, and does what they say", "[secrets]") {
  const std::vector<SecretRule> rules = test::shipped_rules();
  CHECK(rules.size() > 30);
  for (const SecretRule& rule : rules) {
    INFO(rule.name);
    CHECK(!rule.matches.empty());
    CHECK(!rule.non_matches.empty());
    auto patterns = SecretPatterns::compile(std::vector{rule});
    REQUIRE(patterns);
    const Status checked = check_examples(*patterns, std::vector{rule});
    INFO((checked ? "" : checked.error().message));
    CHECK(checked.has_value());
  }
}

TEST_CASE("a file of rules is read with its places", "[secrets]") {
  const auto rules = config::parse_secret_rules(
      "s.yaml",
      "# mine\n- name: a\n  why: x\n  pattern: 'a(b)'\n  match: ['a{{b}}']\n"
      "- {name: b, why: y, after: '-p', programs: tool, match: 'tool -p {{c}}'}\n");
  REQUIRE(rules);
  REQUIRE(rules->size() == 2);
  CHECK((*rules)[0].place == "s.yaml:2:3");
  CHECK((*rules)[0].pattern == "a(b)");
  CHECK((*rules)[1].programs == std::vector<std::string>{"tool"});
  CHECK((*rules)[1].place == "s.yaml:6:3");
}

TEST_CASE("what is wrong in a file of rules is told with line and column", "[secrets]") {
  CHECK(error_of("") == "");
  CHECK(error_of("a: b") ==
        "s.yaml:1:1: wanted a list of rules, each beginning with '- name: "
        "NAME', found a map");
  CHECK(error_of("- {name: a, why: b, pattern: '(c)'}") == "s.yaml:1:3: 'match' is missing");
  CHECK(error_of("- {name: a, why: b, match: 'c'}") ==
        "s.yaml:1:3: a rule needs a pattern, or after");
  CHECK(error_of("- {name: a, why: b, patern: '(c)', match: 'c'}")
            .starts_with("s.yaml:1:21: unknown key 'patern'; did you mean 'pattern'?"));
  CHECK(
      error_of("- {name: 'a b', why: b, pattern: '(c)', match: 'c'}").starts_with("s.yaml:1:10: "));
  CHECK(error_of("- [x]").starts_with("s.yaml:1:3: "));
  CHECK(error_of("- \t").starts_with("s.yaml:"));
  const auto missing = config::load_secret_rules({"/nonexistent/secrets.yaml"});
  REQUIRE(!missing);
  CHECK(missing.error().message.starts_with("/nonexistent/secrets.yaml: "));
}

}  // namespace sorrel::enrich
