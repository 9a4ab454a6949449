#include "record/argument_key.h"

#include "catch.h"

namespace sorrel::record {
namespace {

using Kind = ArgumentKey::Kind;

struct Row {
  std::string_view key;
  Kind kind;
  std::uint32_t index;
  std::uint32_t fragment;
};

}  // namespace

TEST_CASE("the keys of EXECVE name arguments, their parts and lengths", "[argument_key]") {
  const Row row = GENERATE(values<Row>({{"a0", Kind::whole, 0, 0},
                                        {"a12", Kind::whole, 12, 0},
                                        {"a4294967295", Kind::whole, 4294967295, 0},
                                        {"a1_len", Kind::length, 1, 0},
                                        {"a1[0]", Kind::fragment, 1, 0},
                                        {"a400000[71]", Kind::fragment, 400000, 71}}));
  INFO(row.key);
  const ArgumentKey got = parse_argument_key(row.key);
  CHECK(got.kind == row.kind);
  CHECK(got.index == row.index);
  CHECK(got.fragment == row.fragment);
}

TEST_CASE("other keys name no argument", "[argument_key]") {
  for (const std::string_view key : {"",
                                     "a",
                                     "ab",
                                     "argc",
                                     "auid",
                                     "b0",
                                     "A0",
                                     "a-1",
                                     "a+1",
                                     "a01",
                                     "a00",
                                     "a 1",
                                     "a1 ",
                                     "a1_",
                                     "a1_le",
                                     "a1_lens",
                                     "a1[",
                                     "a1[]",
                                     "a1[0",
                                     "a1[0]x",
                                     "a1[-1]",
                                     "a1[00]",
                                     "a1[x]",
                                     "a4294967296",
                                     "a1[4294967296]",
                                     "a99999999999999999999"}) {
    INFO(key);
    CHECK(parse_argument_key(key).kind == Kind::none);
  }
}

}  // namespace sorrel::record
