#include "enrich/secret_patterns.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <string>
#include <unordered_map>
#include <utility>

namespace sorrel::enrich {
namespace {

// A rule that finds more in one word takes the rest of it.
constexpr std::size_t kMaxFindingsInWord = 1024;
constexpr int kMaxGroups = 8;
// Of the automaton for all patterns; one state is some hundred bytes.
constexpr std::int64_t kMemory = std::int64_t{8} << 20;
// The shortest text that all matches of a pattern have in common, to be worth looking for.
constexpr int kMinAtom = 3;

RE2::Options options() {
  RE2::Options o;
  o.set_encoding(RE2::Options::EncodingLatin1);  // bytes; arguments need not be UTF-8
  o.set_dot_nl(true);
  o.set_log_errors(false);
  o.set_max_mem(kMemory);
  return o;
}

struct StringHash : std::hash<std::string_view> {
  using is_transparent = void;
};
using ProgramIds = std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>>;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string one_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) (out += out.empty() ? "" : "|") += RE2::QuoteMeta(text);
  return "(?:" + out + ")";
}

std::string whole(const std::string& pattern) {
  return "^(?:" + pattern + ")$";
}

// "^...", also behind flags: "(?i)^...".
bool begins_anchored(std::string_view pattern) {
  if (pattern.starts_with("(?")) {
    const std::size_t end = pattern.find_first_not_of("imsU-", 2);
    if (end != pattern.npos && pattern[end] == ')') pattern.remove_prefix(end + 1);
  }
  return pattern.starts_with('^');
}

Unexpected<Error> bad(const SecretRule& rule, std::string_view key, const std::string& what) {
  return fail(std::errc::invalid_argument,
              rule.place + ": secret rule '" + rule.name + "': " + std::string(key) + ": " + what);
}

}  // namespace

struct SecretPatterns::Compiled {
  struct Rule {
    std::unique_ptr<RE2> pattern;
    std::unique_ptr<RE2> cut;  // may be null, as what follows
    std::unique_ptr<RE2> except;
    std::unique_ptr<RE2> after;
    Programs programs;
    Programs unless_programs;
    bool needs_program = false;
    bool is_anchored = false;
  };

  std::vector<Rule> rules;
  ProgramIds program_ids;
  std::unique_ptr<RE2> prefilter;  // null: no pattern has a text to look for
  std::unique_ptr<RE2::Set> set;
  std::vector<Candidate> of_set;  // by the set's index
  std::vector<int> hits;          // scratch

  Status add(const SecretRule& rule);
  Status add_programs(const SecretRule& rule, const std::vector<std::string>& names, Programs& out);
  Status add_to_set(const SecretRule& rule, std::string_view key, const std::string& text, Use use);
  Status make_prefilter(std::span<const SecretRule> rules_in);
};

namespace {

Result<std::unique_ptr<RE2>> compile_one(const SecretRule& rule, std::string_view key,
                                         const std::string& text, bool needs_group) {
  auto compiled = std::make_unique<RE2>(text, options());
  if (!compiled->ok()) return bad(rule, key, compiled->error());
  const int groups = compiled->NumberOfCapturingGroups();
  if (needs_group && groups == 0)
    return bad(rule, key, "no group; put what is secret into parentheses");
  if (groups > kMaxGroups) return bad(rule, key, "more than 8 groups; write (?:...) for others");
  return compiled;
}

}  // namespace

Status SecretPatterns::Compiled::add_programs(const SecretRule& rule,
                                              const std::vector<std::string>& names,
                                              Programs& out) {
  for (const std::string& name : names) {
    const auto [entry, is_new] = program_ids.try_emplace(name, program_ids.size());
    if (entry->second >= kMaxPrograms)
      return bad(rule, "programs", "the rules name more than 512 programs, the most there can be");
    out.set(entry->second);
  }
  return Ok{};
}

Status SecretPatterns::Compiled::add_to_set(const SecretRule& rule, std::string_view key,
                                            const std::string& text, Use use) {
  std::string error;
  if (set->Add(text, &error) < 0) return bad(rule, key, error);
  of_set.push_back({static_cast<std::uint32_t>(rules.size()), use});
  return Ok{};
}

Status SecretPatterns::Compiled::add(const SecretRule& rule) {
  if (rule.pattern.empty() && rule.after.empty()) return bad(rule, "pattern", "is missing");
  Rule made;
  const std::string pattern = rule.pattern.empty() ? "(.+)" : rule.pattern;
  auto compiled = compile_one(rule, "pattern", pattern, true);
  if (!compiled) return Unexpected(std::move(compiled).error());
  made.pattern = *std::move(compiled);
  const auto optional = [&](std::string_view key, const std::string& text, bool needs_group,
                            std::unique_ptr<RE2>& out) -> Status {
    if (text.empty()) return Ok{};
    auto one = compile_one(rule, key, text, needs_group);
    if (!one) return Unexpected(std::move(one).error());
    out = *std::move(one);
    return Ok{};
  };
  if (Status s = optional("cut", rule.cut, true, made.cut); !s) return s;
  if (Status s = optional("except", rule.except, false, made.except); !s) return s;
  if (Status s = add_programs(rule, rule.programs, made.programs); !s) return s;
  if (Status s = add_programs(rule, rule.unless_programs, made.unless_programs); !s) return s;
  made.needs_program = !rule.programs.empty();
  made.is_anchored = begins_anchored(pattern);
  if (Status s = optional("after", rule.after, false, made.after); !s) return s;
  const Status added = rule.after.empty()
                           ? add_to_set(rule, "pattern", pattern, Use::within)
                           : add_to_set(rule, "after", whole(rule.after), Use::after);
  if (!added) return added;
  if (!rule.cut.empty() && rule.after.empty())
    if (Status s = add_to_set(rule, "cut", rule.cut, Use::cut); !s) return s;
  rules.push_back(std::move(made));
  return Ok{};
}

// One pattern for all texts of which a rule's match must have one: the names of its programs, or
// what RE2 finds in its pattern.
Status SecretPatterns::Compiled::make_prefilter(std::span<const SecretRule> rules_in) {
  re2::FilteredRE2 filtered(kMinAtom);
  std::vector<std::string> programs;
  const auto add_filtered = [&](const std::string& text) {
    int id = 0;
    if (!text.empty()) filtered.Add(text, options(), &id);
  };
  for (const SecretRule& rule : rules_in) {
    programs.insert(programs.end(), rule.programs.begin(), rule.programs.end());
    if (!rule.programs.empty()) continue;
    if (!rule.after.empty()) {
      add_filtered(whole(rule.after));
      continue;
    }
    add_filtered(rule.pattern);
    add_filtered(rule.cut);
  }
  std::vector<std::string> atoms;
  std::vector<int> unfiltered;
  if (filtered.NumRegexps() != 0) {
    filtered.Compile(&atoms);
    filtered.AllPotentials({}, &unfiltered);
  }
  if (!unfiltered.empty()) return Ok{};
  std::string text;
  if (!atoms.empty()) text = "(?i:" + one_of(atoms) + ")";
  // A program is a word of its own, or the end of a path.
  if (!programs.empty())
    (text += text.empty() ? "" : "|") +=
        "(?:^|[\\x00-\\x20'\"(`;|&/])" + one_of(programs) + "(?:$|[\\x00-\\x20'\")`;|&])";
  prefilter = std::make_unique<RE2>(text, options());
  if (!prefilter->ok()) prefilter = nullptr;  // too large: all texts are searched
  return Ok{};
}

SecretPatterns::SecretPatterns(std::unique_ptr<Compiled> compiled)
    : compiled_(std::move(compiled)) {}
SecretPatterns::SecretPatterns(SecretPatterns&&) noexcept = default;
SecretPatterns& SecretPatterns::operator=(SecretPatterns&&) noexcept = default;
SecretPatterns::~SecretPatterns() = default;

Result<SecretPatterns> SecretPatterns::compile(std::span<const SecretRule> rules) {
  auto compiled = std::make_unique<Compiled>();
  compiled->set = std::make_unique<RE2::Set>(options(), RE2::UNANCHORED);
  for (const SecretRule& rule : rules)
    if (Status added = compiled->add(rule); !added) return Unexpected(std::move(added).error());
  if (!compiled->set->Compile())
    return fail(std::errc::not_enough_memory, "the patterns of secrets are too large together");
  if (Status made = compiled->make_prefilter(rules); !made)
    return Unexpected(std::move(made).error());
  return SecretPatterns(std::move(compiled));
}

bool SecretPatterns::may_match(std::string_view text) const {
  const RE2* const prefilter = compiled_->prefilter.get();
  return prefilter == nullptr ||
         prefilter->Match(text, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

bool SecretPatterns::add_program(std::string_view path, Programs& programs) const {
  const auto found = compiled_->program_ids.find(base_name(path));
  if (found == compiled_->program_ids.end()) return false;
  programs.set(found->second);
  return true;
}

bool SecretPatterns::applies(std::uint32_t rule, const Programs& programs) const noexcept {
  const Compiled::Rule& r = compiled_->rules[rule];
  if (r.needs_program && (r.programs & programs).none()) return false;
  return (r.unless_programs & programs).none();
}

bool SecretPatterns::is_anchored(std::uint32_t rule) const noexcept {
  return compiled_->rules[rule].is_anchored;
}

void SecretPatterns::candidates(std::string_view word, std::vector<Candidate>& out) {
  RE2::Set::ErrorInfo error{};
  // Without the list of hits nothing is allocated, and nearly all words have none.
  if (!compiled_->set->Match(word, nullptr, &error) && error.kind == RE2::Set::kNoError) return;
  const bool matched = compiled_->set->Match(word, &compiled_->hits, &error);
  if (error.kind != RE2::Set::kNoError) {  // the automaton grew too large: look at each by itself
    for (const Candidate& candidate : compiled_->of_set) {
      const RE2* const after = compiled_->rules[candidate.rule].after.get();
      if (candidate.use != Use::after || RE2::FullMatch(word, *after)) out.push_back(candidate);
    }
    return;
  }
  if (!matched) return;
  for (const int hit : compiled_->hits)
    out.push_back(compiled_->of_set[static_cast<std::size_t>(hit)]);
}

void SecretPatterns::find(const Candidate& candidate, std::string_view text, std::size_t begin,
                          std::size_t end, std::vector<Finding>& out) const {
  const Compiled::Rule& rule = compiled_->rules[candidate.rule];
  const RE2* const pattern = candidate.use == Use::cut ? rule.cut.get() : rule.pattern.get();
  if (pattern == nullptr) return;
  const std::string_view word = text.substr(begin, end - begin);
  const int groups = pattern->NumberOfCapturingGroups();
  re2::StringPiece found[kMaxGroups + 1];
  std::size_t at = 0;
  for (std::size_t count = 0; at <= word.size(); ++count) {
    if (!pattern->Match(word, at, word.size(), RE2::UNANCHORED, found, groups + 1)) return;
    if (count == kMaxFindingsInWord) {
      out.push_back({begin + at, end, candidate.rule});
      return;
    }
    for (int group = 1; group <= groups; ++group) {
      if (found[group].empty()) continue;
      const auto offset = static_cast<std::size_t>(found[group].data() - word.data());
      if (rule.except && RE2::FullMatch(found[group], *rule.except)) continue;
      out.push_back({begin + offset, begin + offset + found[group].size(), candidate.rule});
    }
    const auto match_end =
        static_cast<std::size_t>(found[0].data() - word.data()) + found[0].size();
    at = found[0].empty() ? match_end + 1 : match_end;
  }
}

}  // namespace sorrel::enrich
