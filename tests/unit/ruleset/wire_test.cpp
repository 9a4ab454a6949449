#include "ruleset/wire.h"

#include <cstring>

#include "catch.h"
#include "compiled.h"
#include "ruleset/canonical.h"
#include "ruleset/fields.h"

namespace sorrel::ruleset {
namespace {

Rule rule_of(std::string_view line) {
  CompiledText text = compile_text(line);
  INFO(line << "\n" << text.told());
  REQUIRE(text.compiled.size() == 1);
  return text.compiled[0].rule;
}

void set_word(std::vector<std::byte>& bytes, std::size_t offset, std::uint32_t value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

}  // namespace

TEST_CASE("a rule is the same after its bytes were read again", "[ruleset]") {
  for (const char* const line :
       {"-A always,exit -F arch=b64 -S openat -F dir=/etc -F auid!=unset -k a -k b",
        "-a never,exclude -F msgtype=CWD", "-a never,task -F uid=0", "-w /etc/passwd -p wa"}) {
    const Rule rule = rule_of(line);
    const Result<Rule> again = decode_rule(encode_rule(rule));
    REQUIRE(again);
    CHECK(*again == rule);
  }
}

TEST_CASE("bytes that are no rule are refused", "[ruleset]") {
  const std::vector<std::byte> good = encode_rule(rule_of("-w /etc/passwd -p wa -k x"));
  constexpr std::size_t kFlags = 0;
  constexpr std::size_t kAction = 4;
  constexpr std::size_t kCount = 8;
  constexpr std::size_t kValues = 12 + 4 * 64 * 2;
  constexpr std::size_t kOps = 12 + 4 * 64 * 3;
  constexpr std::size_t kTextSize = 1036;
  struct Row {
    std::size_t offset;
    std::uint32_t value;
  };
  for (const Row& row : {Row{kFlags, 2}, Row{kFlags, 8}, Row{kFlags, 0x24}, Row{kAction, 1},
                         Row{kAction, 3}, Row{kCount, 65}, Row{kCount, 0xffffffff}, Row{kCount, 1},
                         Row{kValues, 13}, Row{kValues, 10}, Row{kValues, 0xffffffff}, Row{kOps, 0},
                         Row{kOps, 1}, Row{kTextSize, 0xffffffff}, Row{kTextSize, 3}}) {
    std::vector<std::byte> bytes = good;
    set_word(bytes, row.offset, row.value);
    INFO(row.offset << " " << row.value);
    CHECK_FALSE(decode_rule(bytes));
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(decode_rule(std::span(good).first(size)));
  }
  std::vector<std::byte> padded = good;
  padded.resize(good.size() + 3);
  CHECK(decode_rule(padded));
  padded.resize(good.size() + 4);
  CHECK_FALSE(decode_rule(padded));
}

TEST_CASE("what the kernel gives back equals what was written", "[ruleset]") {
  // As audit_krule_to_data() lists it: without the place in front and the numbers of classes.
  Rule written = rule_of("-A always,exit -S all -F auid=unset -k x");
  Rule listed = written;
  listed.prepend = false;
  listed.mask[63] = 0xffff;
  CHECK_FALSE(written == listed);
  CHECK(canonical(written) == canonical(listed));
  CHECK(canonical(rule_of("-a always,exit -F loginuid_set=0")) ==
        canonical(rule_of("-a always,exit -F auid=unset")));
  CHECK(canonical(rule_of("-a always,exit -F loginuid_set=1")) ==
        canonical(rule_of("-a always,exit -F auid!=-1")));
  CHECK(canonical(rule_of("-a always,exit -F loginuid_set!=0")) ==
        canonical(rule_of("-a always,exit -F auid!=-1")));
  CHECK(canonical(rule_of("-w /a -p wa -k x")) ==
        canonical(rule_of("-a always,exit -S all -F path=/a -F perm=aw -F key=x")));
  CHECK_FALSE(canonical(rule_of("-a always,exit -F uid=0 -F gid=0")) ==
              canonical(rule_of("-a always,exit -F gid=0 -F uid=0")));
  Rule key_first = rule_of("-a always,exit -S open -F pid=1 -k x");
  std::swap(key_first.fields[0], key_first.fields[1]);
  CHECK(canonical(key_first) == canonical(rule_of("-a always,exit -S open -F pid=1 -k x")));
}

}  // namespace sorrel::ruleset
