#include "ruleset/diff.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ruleset/fields.h"
#include "ruleset/plan.h"
#include "ruleset/rule_form.h"

namespace sorrel::ruleset {
namespace {

constexpr std::array kLists = {List::user,    List::task,       List::exit,
                               List::exclude, List::filesystem, List::io_uring};
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
constexpr std::size_t kContext = 3;  // lines around a change, as diff -u

struct Side {
  const Rule* rule = nullptr;
  std::size_t partner = kNowhere;  // the place on the other side
  bool is_in_order = false;        // one of the longest run of partners in the same order
};

struct Pair {
  std::vector<Side> loaded;
  std::vector<Side> wanted;
};

// Marks a longest increasing run of partners, by patience sorting.
void mark_order(Pair& pair) {
  std::vector<std::size_t> ends;  // place of the last rule of the best run of each length
  std::vector<std::size_t> before(pair.loaded.size(), kNowhere);
  for (std::size_t at = 0; at < pair.loaded.size(); ++at) {
    const std::size_t partner = pair.loaded[at].partner;
    if (partner == kNowhere) continue;
    const auto place = std::ranges::lower_bound(
        ends, partner, {}, [&](std::size_t end) { return pair.loaded[end].partner; });
    if (place != ends.begin()) before[at] = *(place - 1);
    if (place == ends.end()) {
      ends.push_back(at);
    } else {
      *place = at;
    }
  }
  for (std::size_t at = ends.empty() ? kNowhere : ends.back(); at != kNowhere; at = before[at]) {
    pair.loaded[at].is_in_order = true;
    pair.wanted[pair.loaded[at].partner].is_in_order = true;
  }
}

Pair match(std::span<const Rule> loaded, std::span<const Rule> wanted, List list) {
  Pair pair;
  if (std::ranges::none_of(loaded, [list](const Rule& rule) { return rule.list == list; })) {
    for (const Rule& rule : wanted) {
      if (rule.list == list) pair.wanted.push_back({.rule = &rule});
    }
    return pair;
  }
  std::unordered_map<std::string, std::size_t> places;
  for (const Rule& rule : wanted) {
    if (rule.list != list) continue;
    places.emplace(meaning_key(rule), pair.wanted.size());
    pair.wanted.push_back({.rule = &rule});
  }
  for (const Rule& rule : loaded) {
    if (rule.list != list) continue;
    Side& side = pair.loaded.emplace_back(Side{.rule = &rule});
    const auto found = places.find(meaning_key(rule));
    if (found == places.end() || pair.wanted[found->second].partner != kNowhere) continue;
    side.partner = found->second;
    pair.wanted[found->second].partner = pair.loaded.size() - 1;
  }
  if (!is_any_match(list)) mark_order(pair);
  return pair;
}

void add_to(Diff& diff, const Pair& pair, bool order_matters) {
  for (std::size_t at = 0; at < pair.loaded.size(); ++at) {
    const Side& side = pair.loaded[at];
    if (side.partner == kNowhere) {
      diff.removed.push_back(*side.rule);
      continue;
    }
    const Rule& wanted = *pair.wanted[side.partner].rule;
    if (order_matters && !side.is_in_order) {
      diff.moved.push_back({.rule = wanted, .from = at, .to = side.partner});
    } else {
      ++diff.unchanged;
    }
    if (!is_identical(*side.rule, wanted)) {
      diff.other_form.push_back({.wanted = wanted, .loaded = *side.rule});
    }
  }
  for (const Side& side : pair.wanted) {
    if (side.partner == kNowhere) diff.added.push_back(*side.rule);
  }
}

struct Line {
  char sign = ' ';
  const Rule* rule = nullptr;
};

// Loaded and wanted woven into one list, what goes before what comes.
std::vector<Line> weave(const Pair& pair, bool order_matters) {
  std::vector<Line> lines;
  std::size_t next = 0;
  const auto take_wanted = [&](std::size_t until) {
    for (; next < until; ++next) {
      const Side& side = pair.wanted[next];
      const bool is_shown_there = order_matters ? side.is_in_order : side.partner != kNowhere;
      if (!is_shown_there) lines.push_back({'+', side.rule});
    }
  };
  for (const Side& side : pair.loaded) {
    if (!order_matters && side.partner != kNowhere) {
      lines.push_back({' ', side.rule});
    } else if (!side.is_in_order) {
      lines.push_back({'-', side.rule});
    } else {
      take_wanted(side.partner);
      lines.push_back({' ', side.rule});
      next = side.partner + 1;
    }
  }
  take_wanted(pair.wanted.size());
  return lines;
}

void append_range(std::string& out, char sign, std::size_t begin, std::size_t count) {
  // diff(1) counts from 1, and names the line before an empty range.
  out += sign + std::to_string(count == 0 ? begin : begin + 1) + ',' + std::to_string(count);
}

void append_hunks(std::string& out, const std::vector<Line>& lines, const std::string& name,
                  const std::function<std::string(const Rule&)>& print) {
  std::size_t at = 0;
  std::size_t loaded_before = 0;
  std::size_t wanted_before = 0;
  const auto pass = [&](std::size_t until) {
    for (; at < until; ++at) {
      loaded_before += lines[at].sign != '+' ? 1 : 0;
      wanted_before += lines[at].sign != '-' ? 1 : 0;
    }
  };
  for (;;) {
    std::size_t change = at;
    while (change < lines.size() && lines[change].sign == ' ') ++change;
    if (change == lines.size()) return;
    pass(std::max(at, change - std::min(change, kContext)));
    // Changes that are nearer to each other than their context share a hunk.
    std::size_t end = change;
    for (std::size_t seen = change; seen < lines.size() && seen <= end + 2 * kContext; ++seen) {
      if (lines[seen].sign != ' ') end = seen;
    }
    end = std::min(lines.size(), end + 1 + kContext);
    const std::size_t loaded_begin = loaded_before;
    const std::size_t wanted_begin = wanted_before;
    std::string body;
    for (std::size_t line = at; line < end; ++line) {
      body += lines[line].sign + print(*lines[line].rule) + '\n';
    }
    pass(end);
    out += "@@ ";
    append_range(out, '-', loaded_begin, loaded_before - loaded_begin);
    out += ' ';
    append_range(out, '+', wanted_begin, wanted_before - wanted_begin);
    out += " @@ " + name + '\n' + body;
  }
}

}  // namespace

Diff compare(std::span<const Rule> loaded, std::span<const Rule> wanted) {
  return compare_ordered(loaded, effective_order(wanted));
}

Diff compare_ordered(std::span<const Rule> loaded, std::span<const Rule> ordered) {
  Diff diff;
  for (const List list : kLists) add_to(diff, match(loaded, ordered, list), !is_any_match(list));
  return diff;
}

std::string summary(const Diff& diff) {
  std::string text = std::to_string(diff.added.size()) + " added, " +
                     std::to_string(diff.removed.size()) + " removed, " +
                     std::to_string(diff.moved.size()) + " moved, " +
                     std::to_string(diff.unchanged) + " unchanged";
  if (!diff.other_form.empty()) {
    text += " (" + std::to_string(diff.other_form.size()) + " in another form)";
  }
  return text;
}

std::string unified_view(std::span<const Rule> loaded, std::span<const Rule> wanted,
                         const std::function<std::string(const Rule&)>& print) {
  const std::vector<Rule> ordered = effective_order(wanted);
  std::string hunks;
  for (const List list : kLists) {
    const Pair pair = match(loaded, ordered, list);
    append_hunks(hunks, weave(pair, !is_any_match(list)), std::string(list_name(list)), print);
  }
  return hunks.empty() ? hunks : "--- loaded\n+++ wanted\n" + hunks;
}

}  // namespace sorrel::ruleset
