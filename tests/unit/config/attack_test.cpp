#include "config/attack.h"

#include <string>

#include "catch.h"

using namespace sorrel;
using namespace sorrel::config;
using Catch::Matchers::Contains;

TEST_CASE("techniques are found by the key of a rule", "[config]") {
  const auto map = parse_attack("a.yaml",
                                "keys:\n"
                                "  's:x': [T1, T2]\n"
                                "  's:y': [T3]\n"
                                "techniques:\n"
                                "  T1: One\n"
                                "  T2: Two\n");
  REQUIRE(map);
  CHECK(map->at("s:x") == std::vector<Technique>{{"T1", "One"}, {"T2", "Two"}});
  CHECK(map->at("s:y") == std::vector<Technique>{{"T3", ""}});
}

TEST_CASE("a file of techniques that is none is refused with its place", "[config]") {
  struct Row {
    const char* text;
    const char* message;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"", "wanted a map 'keys:'"},
           {"keys: {a: [T1]}\n", "wanted a map 'techniques:'"},
           {"keys: [a]\ntechniques: {}\n", "a.yaml:1:7"},
           {"keys:\n  a: T1\ntechniques: {T1: x}\n", "a.yaml:2:6: wanted a list of techniques"},
           {"keys:\n  a: [[T1]]\ntechniques: {T1: x}\n", "wanted a technique"},
           {"keys: {", "a.yaml:"},
       }) {
    const auto map = parse_attack("a.yaml", row.text);
    INFO(row.text);
    REQUIRE_FALSE(map);
    CHECK_THAT(map.error().to_string(), Contains(row.message));
  }
}

TEST_CASE("the file of the project is one", "[config]") {
  const auto map = load_attack(SORREL_CONFIG_DIR "/../rules/attack.yaml");
  REQUIRE(map);
  CHECK(map->size() > 50);
  for (const auto& [key, techniques] : *map) {
    INFO(key);
    CHECK_FALSE(techniques.empty());
    for (const Technique& one : techniques) CHECK_FALSE(one.name.empty());
  }
}
