#include "ruleset/plan.h"

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "ruleset/rule_form.h"

namespace sorrel::ruleset {
namespace {

// As AUDIT_LIST_RULES has them.
constexpr std::array kLists = {List::user,    List::task,       List::exit,
                               List::exclude, List::filesystem, List::io_uring};

// A rule of the loaded list. Copies of it (the kernel takes one at the front) never decide, and
// AUDIT_DEL_RULE removes the first of them, so they go together with it.
struct Loaded {
  const Rule* rule = nullptr;
  std::string exact = {};
  std::string meaning = {};
  std::size_t copies = 1;
  bool is_kept = false;
};

struct Wanted {
  const Rule* rule = nullptr;
  std::string exact = {};
  std::string meaning = {};
  bool is_loaded = false;
};

class ListPlanner {
 public:
  ListPlanner(List list, const PlanOptions& options, Plan& plan)
      : list_(list), options_(options), plan_(plan) {}

  void add_loaded(const Rule& rule) {
    std::string exact = exact_key(rule);
    const auto [known, is_new] = by_exact_.try_emplace(exact, loaded_.size());
    if (!is_new) {
      ++loaded_[known->second].copies;
      return;
    }
    loaded_.push_back({.rule = &rule, .exact = std::move(exact), .meaning = meaning_key(rule)});
  }

  void add_wanted(const Rule& rule) {
    wanted_.push_back({.rule = &rule});
    // Into an empty list everything goes as it is written.
    if (loaded_.empty()) return;
    wanted_.back().exact = exact_key(rule);
    wanted_.back().meaning = meaning_key(rule);
  }

  Status run() {
    const bool done = is_any_match(list_) ? plan_any_match() : plan_first_match();
    if (done) return Ok{};
    return fail(std::errc::no_space_on_device,
                "a rule is loaded in every form it can have; delete some of them");
  }

 private:
  bool is_same(const Loaded& loaded, const Wanted& wanted) const {
    return options_.exact_form ? loaded.exact == wanted.exact : loaded.meaning == wanted.meaning;
  }

  // How many of the wanted rules from `first` on are loaded in this order.
  std::size_t count_kept(std::size_t first) const {
    std::size_t next = first;
    for (const Loaded& loaded : loaded_) {
      if (next < wanted_.size() && loaded.copies == 1 && is_same(loaded, wanted_[next])) ++next;
    }
    return next - first;
  }

  bool plan_first_match() {
    std::size_t first = 0;
    std::size_t kept = count_kept(0);
    if (!loaded_.empty() && kept < wanted_.size()) {
      const std::size_t kept_behind_first = count_kept(1);
      if (kept_behind_first > kept) {
        first = 1;
        kept = kept_behind_first;
        if (!add(wanted_.front(), true, false)) return false;
      }
    }
    std::size_t next = first;
    for (Loaded& loaded : loaded_) {
      if (next == first + kept) break;
      if (loaded.copies != 1 || !is_same(loaded, wanted_[next])) continue;
      loaded.is_kept = true;
      ++next;
    }
    bool twins_only = false;
    for (; next < wanted_.size(); ++next) {
      const std::size_t twins = plan_.twins;
      if (!add(wanted_[next], false, twins_only)) return false;
      if (options_.exact_form_follows && plan_.twins != twins) twins_only = true;
    }
    remove_rest();
    return true;
  }

  bool plan_any_match() {
    if (loaded_.empty()) return plan_first_match();
    std::unordered_map<std::string_view, Wanted*> wanted_by_key;
    for (Wanted& wanted : wanted_) {
      wanted_by_key.emplace(options_.exact_form ? wanted.exact : wanted.meaning, &wanted);
    }
    for (Loaded& loaded : loaded_) {
      const auto found = wanted_by_key.find(options_.exact_form ? loaded.exact : loaded.meaning);
      if (found == wanted_by_key.end() || found->second->is_loaded) continue;
      loaded.is_kept = found->second->is_loaded = true;
    }
    for (const Wanted& wanted : wanted_) {
      if (!wanted.is_loaded && !add(wanted, false, false)) return false;
    }
    remove_rest();
    return true;
  }

  bool add(const Wanted& wanted, bool prepend, bool twins_only) {
    std::optional<Rule> form;
    if (loaded_.empty() || (!twins_only && !by_exact_.contains(wanted.exact))) {
      form = *wanted.rule;
    } else {
      form = free_form(*wanted.rule, true,
                       [this](const Rule& rule) { return !by_exact_.contains(exact_key(rule)); });
    }
    if (!form) return false;
    form->prepend = prepend;
    const bool is_twin = !is_identical(*form, *wanted.rule);
    plan_.steps.push_back({.kind = StepKind::add, .rule = *std::move(form), .is_twin = is_twin});
    ++plan_.additions;
    if (is_twin) ++plan_.twins;
    return true;
  }

  void remove_rest() {
    for (auto loaded = loaded_.rbegin(); loaded != loaded_.rend(); ++loaded) {
      if (loaded->is_kept) ++plan_.kept;
      const std::size_t count = loaded->is_kept ? loaded->copies - 1 : loaded->copies;
      for (std::size_t copy = 0; copy < count; ++copy) {
        Step step{.kind = StepKind::remove, .rule = *loaded->rule};
        step.rule.prepend = false;
        plan_.steps.push_back(std::move(step));
        ++plan_.deletions;
      }
    }
  }

  const List list_;
  const PlanOptions& options_;
  Plan& plan_;
  std::vector<Loaded> loaded_;
  std::vector<Wanted> wanted_;
  std::unordered_map<std::string, std::size_t> by_exact_;
};

std::unordered_set<std::string> meanings(std::span<const Rule> rules) {
  std::unordered_set<std::string> keys;
  for (const Rule& rule : rules) keys.insert(meaning_key(rule));
  return keys;
}

}  // namespace

std::vector<Rule> effective_order(std::span<const Rule> rules) {
  std::vector<Rule> ordered;
  ordered.reserve(rules.size());
  std::unordered_set<std::string> seen;
  for (const List list : kLists) {
    std::vector<const Rule*> front;
    std::vector<const Rule*> back;
    for (const Rule& rule : rules) {
      if (rule.list == list) (rule.prepend ? front : back).push_back(&rule);
    }
    front.insert(front.begin(), back.rbegin(), back.rend());
    for (auto rule = front.rbegin(); rule != front.rend(); ++rule) {
      if (!seen.insert(meaning_key(**rule)).second) continue;
      ordered.push_back(**rule);
      ordered.back().prepend = false;
    }
  }
  return ordered;
}

Result<Plan> plan_change(std::span<const Rule> loaded, std::span<const Rule> wanted,
                         const PlanOptions& options) {
  return plan_ordered(loaded, effective_order(wanted), options);
}

Result<Plan> plan_ordered(std::span<const Rule> loaded, std::span<const Rule> ordered,
                          const PlanOptions& options) {
  Plan plan;
  for (const List list : kLists) {
    ListPlanner planner(list, options, plan);
    for (const Rule& rule : loaded) {
      if (rule.list == list) planner.add_loaded(rule);
    }
    for (const Rule& rule : ordered) {
      if (rule.list == list) planner.add_wanted(rule);
    }
    if (const Status done = planner.run(); !done) return Unexpected<Error>(done.error());
  }
  return plan;
}

std::vector<Rule> keep_foreign(std::span<const Rule> loaded, std::span<const Rule> wanted,
                               std::span<const Rule> own) {
  const std::vector<Rule> ordered = effective_order(wanted);
  std::unordered_set<std::string> ours = meanings(ordered);
  ours.merge(meanings(own));
  std::vector<Rule> merged;
  for (const List list : kLists) {
    std::vector<const Rule*> of_list;
    for (const Rule& rule : ordered) {
      if (rule.list == list) of_list.push_back(&rule);
    }
    // What stands before the next wanted rule stays before it; what is wanted and not loaded here
    // comes last.
    std::size_t next = 0;
    for (const Rule& rule : loaded) {
      if (rule.list != list) continue;
      const std::string meaning = meaning_key(rule);
      if (next < of_list.size() && meaning == meaning_key(*of_list[next])) {
        merged.push_back(*of_list[next++]);
      } else if (!ours.contains(meaning)) {
        merged.push_back(rule);
      }
    }
    for (; next < of_list.size(); ++next) merged.push_back(*of_list[next]);
  }
  return merged;
}

}  // namespace sorrel::ruleset
