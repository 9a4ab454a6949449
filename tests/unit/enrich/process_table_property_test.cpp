// Random evidence: a large table does what a simple model does, and a small one, which has to
// forget, keeps its own rules.

#include <array>
#include <list>
#include <map>
#include <random>
#include <string>

#include "catch.h"
#include "told_table.h"

namespace sorrel::enrich {
namespace {

constexpr std::array<const char*, 4> kExes = {"/bin/sh", "/usr/bin/id", "/usr/sbin/sshd", "/bin/a"};

// The table's rules with nothing but maps: no limits, no memory to save.
class Model {
 public:
  struct Instance {
    std::string id;
    std::uint64_t born = 0;
    std::uint64_t gone = 0;
    std::uint32_t ppid = 0;
    std::string exe;
    std::uint32_t session = Process::kUnset;
    const Instance* parent = nullptr;
    Instance* previous = nullptr;
    std::uint32_t pid = 0;
    bool is_ended = false;
    bool is_replaced = false;
    bool is_forked = false;
    bool is_current() const { return !is_ended && !is_replaced; }
  };

  void see(std::uint64_t ms, const std::string& id, const ToldTable::Told& told, bool is_exec) {
    Instance* known = find(told.pid);
    if (known != nullptr && !known->is_current() && !is_exec && ms <= known->gone) return;
    const bool is_known = known != nullptr && known->is_current() && is_same(*known, told, ms);
    if (is_known && known->ppid != told.ppid) is_reparented_[known] = true;
    if (is_known) known->ppid = told.ppid;
    if (!is_known || (!is_exec && known->exe != told.exe)) {
      if (known != nullptr && known->is_current()) leave(*known, ms);
      Instance& made = add(told.pid, id, ms, told);
      made.parent = find_at(told.ppid, ms, &made);
      return;
    }
    known->session = told.session;
    if (known->is_forked) {
      known->is_forked = false;
      known->id = id;
      known->born = ms;
      known->parent = parent_now(*known, told.ppid, ms);
      known->exe = told.exe;
      return;
    }
    if (!is_exec) return;
    if (known->parent == nullptr && !is_reparented_[known]) {
      const Instance* const parent = find(known->ppid);
      if (parent != nullptr && parent->is_current() && parent != known) known->parent = parent;
    }
    known->is_replaced = true;
    known->gone = ms;
    Instance& made = add(told.pid, id, ms, told);
    made.parent = parent_now(*known, told.ppid, ms);
    made.previous = known;
    is_reparented_[&made] = is_reparented_[known];
  }

  void fork(std::uint64_t ms, const std::string& id, std::uint32_t parent, std::uint32_t child) {
    const Instance* const from = find_at(parent, ms, nullptr);
    if (from == nullptr || parent == child) return;
    Instance* known = find(child);
    if (known != nullptr && known->born >= ms) {
      if (known->ppid != parent) return;
      Instance* instance = known;
      for (;;) {
        instance->parent = from;
        if (instance->previous == nullptr) return;
        if (instance->previous->born < ms) break;
        instance = instance->previous;
      }
      instance->previous = nullptr;
      return;
    }
    if (known != nullptr && known->is_current()) leave(*known, ms);
    Instance& made = add(child, id, ms, {.ppid = parent, .exe = from->exe});
    made.session = from->session;
    made.parent = from;
    made.is_forked = true;
  }

  void end(std::uint64_t ms, std::uint32_t pid) {
    Instance* const known = find(pid);
    if (known != nullptr && known->is_current() && ms >= known->born) leave(*known, ms);
  }

  Instance* find(std::uint32_t pid) const {
    const auto found = newest_.find(pid);
    return found == newest_.end() ? nullptr : found->second;
  }

 private:
  // The newest instance of the parent, when it is the same process still.
  const Instance* parent_now(const Instance& known, std::uint32_t ppid, std::uint64_t ms) const {
    if (known.parent == nullptr || known.parent->pid != ppid) return known.parent;
    const Instance* const newest = find_at(ppid, ms, nullptr);
    for (const Instance* instance = newest; instance != nullptr && instance->pid == ppid;
         instance = instance->previous)
      if (instance == known.parent) return newest;
    return known.parent;
  }
  Instance& add(std::uint32_t pid, const std::string& id, std::uint64_t ms,
                const ToldTable::Told& told) {
    before_ = find(pid);
    instances_.push_back({.id = id,
                          .born = ms,
                          .ppid = told.ppid,
                          .exe = std::string(told.exe),
                          .session = told.session,
                          .pid = pid});
    newest_[pid] = &instances_.back();
    return instances_.back();
  }
  // Of `except`, what was there before it.
  const Instance* find_at(std::uint32_t pid, std::uint64_t ms, const Instance* except) const {
    const Instance* known = find(pid);
    if (known == except && known != nullptr) known = before_;
    return pid != 0 && known != nullptr && (known->is_current() || ms <= known->gone) ? known
                                                                                      : nullptr;
  }
  static void leave(Instance& known, std::uint64_t ms) {
    known.is_ended = true;
    known.gone = ms;
  }
  bool has_another_parent(const Instance& known, std::uint64_t ms) const {
    if (known.parent == nullptr || known.parent->pid != known.ppid) return false;
    const Instance* first = find(known.ppid);
    for (int i = 0; i < 16 && first != nullptr && first != known.parent; ++i) {
      if (first->previous == nullptr) return first->ppid != known.parent->ppid && first->born <= ms;
      first = first->previous;
    }
    return false;
  }
  bool is_same(const Instance& known, const ToldTable::Told& told, std::uint64_t ms) const {
    if (known.session != Process::kUnset && known.session != told.session) return false;
    if (known.ppid == told.ppid) return !has_another_parent(known, ms);
    if (told.ppid == 1) return true;
    const Instance* ancestor = known.parent;
    for (int depth = 0; ancestor != nullptr && depth < 32; ++depth, ancestor = ancestor->parent)
      if (ancestor->pid == told.ppid) return true;
    return false;
  }

  std::list<Instance> instances_;
  std::map<std::uint32_t, Instance*> newest_;
  std::map<const Instance*, bool> is_reparented_;
  const Instance* before_ = nullptr;
};

struct Step {
  int kind;
  std::uint64_t ms;
  ToldTable::Told told;
  std::uint32_t child;
};

Step random_step(std::mt19937& random, std::uint64_t& clock, std::uint32_t pids) {
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::uint32_t>(random()) % limit;
  };
  clock += below(50);
  // Some evidence is told late.
  const std::uint64_t ms =
      below(8) == 0 ? clock - std::min<std::uint64_t>(clock, below(200)) : clock;
  return {.kind = static_cast<int>(below(10)),
          .ms = ms,
          .told = {.pid = 2 + below(pids),
                   .ppid = below(4) == 0 ? 1 : 1 + below(pids),
                   .exe = kExes[below(kExes.size())],
                   .session = below(3) == 0 ? 7 : Process::kUnset},
          .child = 2 + below(pids)};
}

// Mostly, what is said of a process agrees with what it was: else no entry would live for long.
void agree(Step& step, const Process* known, const ToldTable& t, std::mt19937& random) {
  if (known == nullptr || random() % 8 == 0) return;
  step.told.session = known->session;
  if (random() % 4 != 0) step.told.ppid = known->ppid;
  const std::string exe = t.exe(known);
  for (const char* name : kExes)
    if (step.kind < 4 && exe == name) step.told.exe = name;
}

std::string describe(const ToldTable& t, std::uint32_t pid) {
  const Process* const process = t.table.find(pid);
  if (process == nullptr) return "none";
  return t.id(process) + " " + t.exe(process) + " parent " + t.id(t.table.parent(*process)) +
         " previous " + t.id(t.table.get(process->previous)) +
         (process->is_current() ? " current" : " ended");
}

std::string describe(const Model& model, std::uint32_t pid) {
  const Model::Instance* const instance = model.find(pid);
  if (instance == nullptr) return "none";
  const auto id = [](const Model::Instance* other) {
    return other == nullptr ? "none" : other->id;
  };
  return instance->id + " " + instance->exe + " parent " + id(instance->parent) + " previous " +
         id(instance->previous) + (instance->is_current() ? " current" : " ended");
}

void apply(ToldTable& t, const Step& step) {
  if (step.kind < 4) {
    t.see(step.ms, step.told);
  } else if (step.kind < 7) {
    t.exec(step.ms, step.told);
  } else if (step.kind < 9) {
    t.fork(step.ms, step.told.pid, step.child, step.kind == 7);
  } else {
    t.end(step.ms, step.told.pid);
  }
}

// Every link leads to whom it was made for, and what is held is what is counted.
void check_rules(const ToldTable& t, std::uint32_t max_processes) {
  std::vector<const Process*> rows(max_processes + 1);
  std::uint32_t cursor = 0;
  rows.resize(t.table.next_rows(cursor, rows));
  REQUIRE(rows.size() == t.table.size());
  REQUIRE(rows.size() <= max_processes);
  std::map<const Process*, std::uint64_t> holds;
  for (const Process* process : rows) {
    if (const Process* parent = t.table.parent(*process)) {
      REQUIRE(((process->flags & Process::kReparented) != 0 || parent->pid == process->ppid));
      ++holds[parent];
    }
    if (const Process* previous = t.table.get(process->previous)) {
      REQUIRE(previous->pid == process->pid);
      if (process->is_current()) ++holds[previous];
    }
    if (process->is_current()) REQUIRE(t.table.find(process->pid) == process);
  }
  for (const Process* process : rows) REQUIRE(process->holds() == holds[process]);
}

}  // namespace

TEST_CASE("a large table does what a simple model does", "[processes]") {
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u, 5u, std::random_device{}());
  INFO("seed " << seed);
  std::mt19937 random(seed);
  ToldTable t({.keep_ended_ms = ~std::uint64_t{0}});
  Model model;
  std::uint64_t clock = 1000;
  for (int i = 0; i < 5000; ++i) {
    Step step = random_step(random, clock, 30);
    if (step.kind == 8) step.kind = 7;  // unconfirmed forks have tests of their own
    agree(step, t.table.find(step.told.pid), t, random);
    apply(t, step);
    if (step.kind < 7) {
      model.see(step.ms, t.last_id, step.told, step.kind >= 4);
    } else if (step.kind == 7) {
      model.fork(step.ms, t.last_id, step.told.pid, step.child);
    } else {
      model.end(step.ms, step.told.pid);
    }
    INFO("step " << i << " kind " << step.kind << " pid " << step.told.pid);
    REQUIRE(describe(t, step.told.pid) == describe(model, step.told.pid));
    REQUIRE(describe(t, step.child) == describe(model, step.child));
  }
}

TEST_CASE("a small table keeps its rules, whatever it has to forget", "[processes]") {
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u, 5u, std::random_device{}());
  INFO("seed " << seed);
  std::mt19937 random(seed);
  ToldTable t({.max_processes = 40, .keep_ended_ms = 500, .strings = {.max_strings = 5}});
  std::uint64_t clock = 1000;
  for (int i = 0; i < 20'000; ++i) {
    Step step = random_step(random, clock, 100);
    agree(step, t.table.find(step.told.pid), t, random);
    apply(t, step);
    if (i % 97 == 0) {
      t.table.begin_sweep();
      for (std::uint32_t pid = 1; pid < 100; pid += 1 + step.child % 3) t.table.mark(pid);
      while (!t.table.end_sweep(ToldTable::kBaseMs + clock, 16)) {
      }
    }
    if (i % 31 == 0) t.proc(clock, step.told);
    if (i % 53 == 0) t.table.link_parents();
    INFO("step " << i);
    check_rules(t, 40);
  }
}

}  // namespace sorrel::enrich
