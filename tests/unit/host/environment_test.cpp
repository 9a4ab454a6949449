#include "host/environment.h"

#include "catch.h"

namespace sorrel::host {
namespace {

using namespace std::string_view_literals;

std::string listed(const Environment& environment) {
  std::string text;
  for (const Environment::Variable& variable : environment.variables()) {
    text += variable.name;
    text += '=';
    text += variable.value;
    text += ';';
  }
  return text;
}

TEST_CASE("exact names and beginnings with a star choose variables", "[host]") {
  struct Row {
    std::vector<std::string> patterns;
    std::string_view expected;
  };
  const Row row = GENERATE(values<Row>({
      {{"LD_PRELOAD"}, "LD_PRELOAD=/x.so;"},
      {{"LD_*"}, "LD_PRELOAD=/x.so;LD_DEBUG=;"},
      {{"*"}, "LD_PRELOAD=/x.so;LD_DEBUG=;PATH=/bin=/sbin;PATH=second;"},
      {{"PATH"}, "PATH=/bin=/sbin;PATH=second;"},
      {{"LD", "ld_preload", "LD_PRELOAD2"}, ""},
      {{}, ""},
      {{""}, ""},
  }));
  constexpr std::string_view kBytes =
      "LD_PRELOAD=/x.so\0LD_DEBUG=\0novalue\0=nameless\0\0PATH=/bin=/sbin\0PATH=second"sv;
  Environment environment;
  environment.fill(kBytes, EnvironmentSelection(row.patterns));
  CHECK(listed(environment) == row.expected);
  CHECK(environment.cut() == 0);
  CHECK(environment.dropped() == 0);
}

TEST_CASE("a long value is cut, and what is beyond the limits is counted", "[host]") {
  const EnvironmentSelection all({"*"});
  Environment environment;
  environment.fill("A=" + std::string(Environment::kMaxValueBytes + 1, 'x'), all);
  REQUIRE(environment.variables().size() == 1);
  CHECK(environment.variables()[0].cut);
  CHECK(environment.variables()[0].value.size() == Environment::kMaxValueBytes);
  CHECK(environment.cut() == 1);

  std::string many;
  for (int i = 0; i < 40; ++i) {
    many += "V" + std::to_string(i) + "=x";
    many += '\0';
  }
  environment.fill(many, all);
  CHECK(environment.variables().size() == Environment::kMaxVariables);
  CHECK(environment.dropped() == 40 - Environment::kMaxVariables);
  CHECK(environment.cut() == 0);

  std::string large;
  for (int i = 0; i < 5; ++i) {
    large += "V" + std::to_string(i) + "=" + std::string(Environment::kMaxValueBytes, 'y');
    large += '\0';
  }
  environment.fill(large, all);
  CHECK(environment.variables().size() == 4);
  CHECK(environment.cut() == 1);
  CHECK(environment.dropped() == 1);
  CHECK(environment.variables()[0].value.back() == 'y');
}

}  // namespace
}  // namespace sorrel::host
