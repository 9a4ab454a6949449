#include "ruleset/text.h"

#include <random>

#include "catch.h"
#include "compiled.h"
#include "ruleset/fields.h"
#include "ruleset/wire.h"

namespace sorrel::ruleset {
namespace {

// Rules that the kernel can hold, of all fields, operators and lists. The key, when there is one,
// is the last field, as all text makes it.
class RuleMaker {
 public:
  explicit RuleMaker(std::uint32_t seed) : random_(seed) {}

  Rule make() {
    constexpr List kLists[] = {List::exit,    List::exit,       List::io_uring, List::user,
                               List::exclude, List::filesystem, List::task};
    Rule rule;
    rule.list = kLists[below(std::size(kLists))];
    rule.prepend = below(8) == 0;
    rule.action = below(3) == 0 ? Action::never : Action::always;
    has_target_ = has_exe_ = false;
    for (std::size_t count = below(6); count != 0; --count) add_field(rule);
    fill_mask(rule);
    if (below(2) == 0) add_text(rule, field::kKey, below(2) == 0 ? "k\x01two words" : word());
    return rule;
  }

 private:
  std::uint32_t below(std::size_t end) { return static_cast<std::uint32_t>(random_() % end); }

  std::string word() {
    constexpr std::string_view kBytes = "ab/ \\\"'#&=!<>-,\xff\xc3\xa4*?";
    std::string text = "w";
    for (std::size_t size = below(12); size != 0; --size) text += kBytes[below(kBytes.size())];
    return text;
  }

  std::string path() {
    std::string text = "/" + word();
    while (text.ends_with('/')) text.pop_back();
    return text;
  }

  void add_text(Rule& rule, std::uint32_t id, std::string text, Op op = Op::equal) {
    const auto size = static_cast<std::uint32_t>(text.size());
    rule.fields.push_back({id, op, size, std::move(text)});
  }

  void add_field(Rule& rule) {
    const FieldInfo& info = all_fields()[below(all_fields().size())];
    constexpr Op kOps[] = {Op::equal,         Op::not_equal,        Op::less,     Op::greater,
                           Op::less_or_equal, Op::greater_or_equal, Op::bit_mask, Op::bit_test};
    const Op op = kOps[below(std::size(kOps))];
    if ((info.lists & list_bit(rule.list)) == 0 || !is_in(op, info.ops)) return;
    const bool is_target = info.id == field::kPath || info.id == field::kDir ||
                           (info.id == field::kInode && op == Op::equal);
    if (info.id == field::kKey || (is_target && has_target_)) return;
    if (info.id == field::kExe && has_exe_) return;
    has_target_ = has_target_ || is_target;
    has_exe_ = has_exe_ || info.id == field::kExe;
    if (info.kind == ValueKind::path) return add_text(rule, info.id, path(), op);
    if (info.kind == ValueKind::label) return add_text(rule, info.id, word(), op);
    rule.fields.push_back({info.id, op, value(info, op), {}});
  }

  std::uint32_t value(const FieldInfo& info, Op op) {
    switch (info.kind) {
      case ValueKind::user:
        if (info.id == field::kAuid && is_in(op, kOpsEquality) && below(2) == 0) return 0xffffffff;
        return below(2) == 0 ? below(3) : below(0xffffffff);
      case ValueKind::group:
        return below(0xffffffff);
      case ValueKind::arch: {
        constexpr std::uint32_t kArches[] = {record::arch::kX86_64, record::arch::kI386,
                                             record::arch::kAarch64, 0xc0000102, 7};
        return kArches[below(std::size(kArches))];
      }
      case ValueKind::success:
        return below(2);
      case ValueKind::family:
        return below(46);
      case ValueKind::file_type:
        return below(16) << 12;
      case ValueKind::permission:
        return 1 + below(15);
      case ValueKind::comparison:
        return 1 + below(25);
      case ValueKind::exit_code:
        return below(2) == 0 ? 0 - below(200) : below(200);
      case ValueKind::message_type:
        return below(3000);
      default:
        return info.id == field::kLoginuidSet ? below(2) : static_cast<std::uint32_t>(random_());
    }
  }

  void fill_mask(Rule& rule) {
    const bool has_calls = rule.list == List::exit || rule.list == List::io_uring;
    if (rule.list == List::task) return;
    if (!has_calls || below(3) == 0) {
      rule.mask.fill(0xffffffff);
      return;
    }
    for (std::size_t count = 1 + below(5); count != 0; --count) {
      const std::uint32_t call = below(2) == 0 ? below(470) : below(2032);
      rule.mask[call / 32] |= 1U << (call % 32);
    }
  }

  std::mt19937 random_;
  bool has_target_ = false;
  bool has_exe_ = false;
};

}  // namespace

TEST_CASE("a rule's text is read to the same rule", "[ruleset][property]") {
  for (std::uint32_t seed = 1; seed <= 5000; ++seed) {
    const Rule rule = RuleMaker(seed).make();
    Target target;
    const std::string line = rule_text(rule, target);
    CompiledText text = compile_text(line, target);
    INFO("seed " << seed << "\n" << line << "\n" << text.told());
    REQUIRE(text.findings.errors() == 0);
    REQUIRE(text.compiled.size() == 1);
    REQUIRE(rule_text(text.compiled[0].rule, target) == line);
    REQUIRE(text.compiled[0].rule == rule);
    REQUIRE(*decode_rule(encode_rule(rule)) == rule);
  }
}

TEST_CASE("a folder with a slash at its end stays one", "[ruleset]") {
  const std::string line = "-a always,exit -S all -F dir=/x/ -F perm=wa";
  CompiledText text = compile_text(line);
  REQUIRE(text.compiled.size() == 1);
  CHECK(rule_text(text.compiled[0].rule, {}) == line);
}

TEST_CASE("a watch that its reader would take otherwise is written as a rule", "[ruleset]") {
  const FakePaths paths({{"/etc", PathKind::folder}});
  const Target target{.paths = &paths};
  for (const std::string line : {"-a always,exit -F path=/x -F perm=x -F key=a -F key=-F",
                                 "-a always,exit -F path=/x -F perm=x -F key=-k", "-w /x -p x -k-F",
                                 "-a always,exit -F path=/etc -F perm=wa"}) {
    CompiledText once = compile_text(line + "\n", target);
    INFO(once.told());
    REQUIRE(once.compiled.size() == 1);
    const std::string text = rule_text(once.compiled[0].rule, target);
    CompiledText again = compile_text(text + "\n", target);
    INFO(text << again.told());
    REQUIRE(again.compiled.size() == 1);
    CHECK(again.compiled[0].rule == once.compiled[0].rule);
  }
}

TEST_CASE("names are shown when they are asked for", "[ruleset]") {
  const host::UserDb users = host::UserDb::parse("www:x:33:33::/:/\n", "www:x:33:\n");
  Target target;
  target.users = &users;
  CompiledText text = compile_text(
      "-a always,exit -F arch=b32 -S connect -F uid=www -F gid!=33 -F auid=unset -F saddr_fam=2",
      target);
  REQUIRE(text.compiled.size() == 1);
  const Rule& rule = text.compiled[0].rule;
  CHECK(rule_text(rule, target) ==
        "-a always,exit -F arch=b32 -S connect -F uid=33 -F gid!=33 -F auid=-1 -F saddr_fam=2");
  CHECK(rule_text(rule, target, {.resolve = true}) ==
        "-a always,exit -F arch=i386 -S connect -F uid=www -F gid!=www -F auid=unset "
        "-F saddr_fam=inet");
}

TEST_CASE("what no line can hold is shown all the same", "[ruleset]") {
  Rule rule;
  rule.fields.push_back({field::kExe, Op::equal, 4, "/a\nb"});
  rule.fields.push_back({999, Op::not_equal, 5, {}});
  CHECK(rule_text(rule, {}) == "-a always,exit -F exe=/a\\012b -F f999!=5");
}

}  // namespace sorrel::ruleset
