// What must hold for every body: the fields give it back, their views lie in it, and what the
// parser saw before changes nothing. Seeds are printed, so that a failure can be run again.

#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "property/mutate.h"
#include "property/parsed_body.h"
#include "record/parser.h"

namespace sorrel::record {
namespace {

constexpr RecordType kTypes[] = {type::kSyscall, type::kPath, type::kExecve, type::kAvc,
                                 type::kTty,     1100,        1107,          type::kUnknownName};

struct Body {
  RecordType type;
  Origin origin;
  std::string text;
};

Body random_body(std::mt19937& random) {
  Body body;
  body.type = kTypes[random() % std::size(kTypes)];
  body.origin = random() % 2 == 0 ? Origin::text : Origin::kernel;
  body.text = random() % 4 == 0 ? test::random_text(random, 60) : test::random_fields(random);
  if (random() % 2 == 0) test::mutate(body.text, random);
  return body;
}

std::vector<std::string> cold(const Body& body) {
  Parser parser;
  return test::ParsedBody(parser, body.type, body.text, body.origin).described();
}

}  // namespace

TEST_CASE("the fields of any body give the body back", "[parser][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Parser parser;
  for (int i = 0; i < 20'000; ++i) {
    const Body body = random_body(random);
    const test::ParsedBody parsed(parser, body.type, body.text, body.origin);
    if (parsed.rebuilt() == body.text && parsed.views_lie_inside()) continue;
    INFO("type " << body.type << " body <" << body.text << ">");
    CHECK(parsed.rebuilt() == body.text);
    CHECK(parsed.views_lie_inside());
    return;
  }
  SUCCEED();
}

TEST_CASE("what a parser saw before never changes what it finds", "[parser][property]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 40; ++round) {
    Parser warm;
    std::vector<Body> seen;
    for (int i = 0; i < 50; ++i) {
      // Half of them come again, whole or changed, for predictions to be right and almost right.
      Body body = random_body(random);
      if (!seen.empty() && random() % 2 == 0) {
        body = seen[random() % seen.size()];
        if (random() % 2 == 0) test::mutate(body.text, random);
      }
      seen.push_back(body);
      const auto found = test::ParsedBody(warm, body.type, body.text, body.origin).described();
      if (found == cold(body)) continue;
      INFO("type " << body.type << " body <" << body.text << "> after " << i << " others");
      CHECK(found == cold(body));
      return;
    }
  }
  SUCCEED();
}

TEST_CASE("a key comes again although its parser expects it each time", "[parser]") {
  Parser parser;
  for (int i = 0; i < 3; ++i) {
    const test::ParsedBody parsed(parser, type::kPath, "uid=1 gid=2 uid=3 gid=4", Origin::text);
    CHECK(parsed.described() == std::vector<std::string>{"uid=1 decimal", "gid=2 decimal",
                                                         "uid=3 decimal repeated 1",
                                                         "gid=4 decimal repeated 1"});
  }
}

TEST_CASE("many blanks where a parser expects nothing are no field", "[parser]") {
  Parser parser;
  const test::ParsedBody first(parser, type::kPath, "uid=1", Origin::text);
  const test::ParsedBody second(parser, type::kPath, "uid=1                    ", Origin::text);
  CHECK(second.described() == std::vector<std::string>{"uid=1 decimal"});
}

TEST_CASE("bodies of every size end where they end", "[parser][property]") {
  Parser parser;
  for (std::size_t size = 0; size < 70; ++size) {
    for (const std::string& body :
         {std::string(size, 'a'), "a=" + std::string(size, 'b'), "a=\"" + std::string(size, 'b'),
          "a=\"" + std::string(size, 'b') + '"', "a='" + std::string(size, 'b') + '\'',
          "a={" + std::string(size, 'b') + '}', std::string(size, ' ')}) {
      const test::ParsedBody parsed(parser, 1100, body, Origin::text);
      CHECK(parsed.rebuilt() == body);
      CHECK(parsed.views_lie_inside());
    }
  }
}

}  // namespace sorrel::record
