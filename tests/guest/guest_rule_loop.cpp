// Changes a guest's rules as other programs do, to compare with; for guests only.
//
//   guest_rule_loop clear            deletes all rules
//   guest_rule_loop naive FILE       deletes all, then adds those of FILE: what has a gap
//   guest_rule_loop exact A B COUNT  applies B, A, B ... without a gap, COUNT times
//   guest_rule_loop measure FILE     loads FILE into an empty kernel, seven times by a bare loop of
//                                    AUDIT_ADD_RULE and by apply() in turn; then one rule more
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ruleset/apply.h"
#include "ruleset/netlink_rule_kernel.h"
#include "ruleset/wanted_rules.h"

namespace {

using namespace sorrel;
using namespace sorrel::ruleset;

constexpr int kRuns = 7;

template <class T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "guest_rule_loop: %s\n", result.error().to_string().c_str());
  std::exit(1);
}

void clear(RuleKernel& kernel) {
  for (const Rule& rule : need(kernel.list())) need(kernel.remove(rule));
}

std::vector<Rule> read(const std::string& path) {
  const HostTarget host;
  const std::vector<std::string> paths{path};
  return need(wanted_rules(paths, host.target())).rules;
}

double measured_ms(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

// The seam with what it was asked for counted.
class Counting final : public RuleKernel {
 public:
  explicit Counting(RuleKernel& kernel) : kernel_(kernel) {}
  Result<KernelState> state() override { return kernel_.state(); }
  Result<std::vector<Rule>> list() override { return ++lists, kernel_.list(); }
  Status add(const Rule& rule) override { return ++adds, kernel_.add(rule); }
  Status remove(const Rule& rule) override { return ++removes, kernel_.remove(rule); }
  Status set(Setting setting, std::uint32_t value) override { return kernel_.set(setting, value); }
  Status act(const OneTimeActions& actions) override { return kernel_.act(actions); }

  int lists = 0;
  int adds = 0;
  int removes = 0;

 private:
  RuleKernel& kernel_;
};

int measure(RuleKernel& kernel, const std::string& path) {
  const SystemHostPaths paths;
  std::vector<Rule> rules = read(path);
  std::vector<double> loop;
  std::vector<double> applied;
  for (int run = 0; run < kRuns; ++run) {
    clear(kernel);
    loop.push_back(measured_ms([&] {
      for (const Rule& rule : rules) need(kernel.add(rule));
    }));
    clear(kernel);
    applied.push_back(measured_ms([&] { need(apply(kernel, rules, paths)); }));
  }
  const double listing = measured_ms([&] { need(kernel.list()); });
  const double reading = measured_ms([&] { read(path); });
  rules.push_back(rules.back());
  rules.back().fields.front().value = 0xfffffffe;
  rules.back().fields = {{.id = 1, .value = 65'000}};
  Counting counting(kernel);
  const double one_more = measured_ms([&] { need(apply(counting, rules, paths)); });
#ifdef __OPTIMIZE__
  const int is_optimised = 1;
#else
  const int is_optimised = 0;
#endif
  std::printf(
      "rules=%zu loop_ms=%.2f apply_ms=%.2f ratio=%.3f list_ms=%.2f read_ms=%.2f one_more_ms=%.2f "
      "one_more_adds=%d one_more_removes=%d one_more_lists=%d optimised=%d\n",
      rules.size() - 1, median(loop), median(applied), median(applied) / median(loop), listing,
      reading, one_more, counting.adds, counting.removes, counting.lists, is_optimised);
  return 0;
}

void reload_exactly(RuleKernel& kernel, const std::string& a, const std::string& b, int count) {
  const SystemHostPaths paths;
  const std::vector<Rule> rules[] = {read(a), read(b)};
  std::size_t deletions = 0;
  for (int n = 1; n <= count; ++n) {
    const ApplyReport report = need(apply(kernel, rules[n % 2], paths));
    if (report.outcome != Outcome::applied || !compare(report.after, rules[n % 2]).is_exact()) {
      need(Status(fail(std::errc::io_error, "reload " + std::to_string(n) + " failed")));
    }
    deletions += report.deletions;
  }
  std::printf("%d reloads, %zu deletions\n", count, deletions);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  const SystemClock clock;
  const auto kernel = need(NetlinkRuleKernel::open(clock));
  if (command == "measure" && argc == 3) return measure(*kernel, argv[2]);
  if (command == "naive" && argc == 3) {
    const std::vector<Rule> rules = read(argv[2]);
    clear(*kernel);
    for (const Rule& rule : rules) need(kernel->add(rule));
    return 0;
  }
  if (command == "exact" && argc == 5) {
    reload_exactly(*kernel, argv[2], argv[3], std::atoi(argv[4]));
    return 0;
  }
  if (command == "clear") {
    clear(*kernel);
    return 0;
  }
  std::fputs("usage: guest_rule_loop clear | naive FILE | exact A B COUNT | measure FILE\n",
             stderr);
  return 2;
}
