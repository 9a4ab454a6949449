#include "ruleset/desired_state.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "ruleset/canonical.h"
#include "ruleset/fields.h"
#include "ruleset/wire.h"

namespace sorrel::ruleset {
namespace {

constexpr char kKeySeparator = '\x01';

bool has_key(const Rule& rule, std::string_view key) {
  for (const Field& field : rule.fields) {
    if (field.id != field::kKey) continue;
    std::string_view rest = field.text;
    while (true) {
      const std::size_t end = rest.find(kKeySeparator);
      if (rest.substr(0, end) == key) return true;
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return false;
}

// By the bytes of its canonical form: a rule is looked up in constant time.
std::string identity(const Rule& rule) {
  const std::vector<std::byte> bytes = encode_rule(canonical(rule));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class State {
 public:
  explicit State(Findings& findings) : findings_(findings) {}

  void apply(const Compiled& one) {
    switch (one.command) {
      case Command::add_rule:
        return add(one);
      case Command::remove_rule:
        return remove(one);
      case Command::delete_all:
        return remove_all(one.words);
      case Command::enabled:
        state_.settings[Setting::enabled] = one.number;
        return;
      case Command::failure:
        state_.settings[Setting::failure] = one.number;
        return;
      case Command::rate_limit:
        state_.settings[Setting::rate_limit] = one.number;
        return;
      case Command::backlog_limit:
        state_.settings[Setting::backlog_limit] = one.number;
        return;
      case Command::backlog_wait_time:
        state_.settings[Setting::backlog_wait_time] = one.number;
        return;
      case Command::loginuid_immutable:
        state_.settings[Setting::loginuid_immutable] = 1;
        return;
      case Command::reset_lost:
        state_.actions.reset_lost = true;
        return;
      case Command::reset_wait_time_actual:
        state_.actions.reset_wait_time_actual = true;
        return;
      case Command::equivalent:
        state_.actions.equivalents.emplace_back(one.words.at(0), one.words.at(1));
        return;
      case Command::trim:
        state_.actions.trim = true;
        return;
      case Command::ignore_errors:
      case Command::go_on:
        return;  // of auditctl: all that is wrong is told in any case
    }
  }

  DesiredState take() {
    // Those with -A come first, the last one foremost.
    std::ranges::reverse(front_);
    for (PlacedRule& placed : state_.rules) front_.push_back(std::move(placed));
    state_.rules = std::move(front_);
    return std::move(state_);
  }

 private:
  void add(const Compiled& one) {
    const auto [known, is_new] = places_.emplace(identity(one.rule), one.place);
    if (!is_new) {
      return findings_.warning(
          one.place, {"rule-duplicate",
                      "the rule is there already, from line " + std::to_string(known->second.line) +
                          ": it is left out",
                      "remove one of them"});
    }
    PlacedRule placed{one.rule, one.place};
    placed.rule.prepend = false;
    (one.rule.prepend ? front_ : state_.rules).push_back(std::move(placed));
  }

  void remove(const Compiled& one) {
    const std::string wanted = identity(one.rule);
    if (places_.erase(wanted) == 0) {
      return findings_.warning(
          one.place,
          {"rule-not-there", "there is no such rule to remove above", "remove the line"});
    }
    remove_if([&](const Rule& rule) { return identity(rule) == wanted; });
  }

  void remove_all(const std::vector<std::string>& keys) {
    remove_if([&](const Rule& rule) {
      const bool goes = keys.empty() || std::ranges::any_of(keys, [&](const std::string& key) {
                          return has_key(rule, key);
                        });
      if (goes) places_.erase(identity(rule));
      return goes;
    });
  }

  template <class Predicate>
  void remove_if(Predicate goes) {
    for (std::vector<PlacedRule>* const rules : {&front_, &state_.rules}) {
      std::erase_if(*rules, [&](const PlacedRule& placed) { return goes(placed.rule); });
    }
  }

  Findings& findings_;
  DesiredState state_;
  std::vector<PlacedRule> front_;
  std::unordered_map<std::string, Place> places_;
};

}  // namespace

DesiredState desired_state(const std::vector<Compiled>& statements, Findings& findings) {
  State state(findings);
  for (const Compiled& one : statements) state.apply(one);
  return state.take();
}

}  // namespace sorrel::ruleset
