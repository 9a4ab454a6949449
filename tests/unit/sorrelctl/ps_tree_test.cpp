#include "sorrelctl/ps_tree.h"

#include "catch.h"

namespace sorrel::sorrelctl {
namespace {

constexpr std::uint64_t kStart = 1'700'000'000'000;

PsProcess process(std::uint32_t pid, std::uint32_t ppid, std::uint64_t start_ms = 0) {
  PsProcess made;
  made.key.pid = pid;
  made.key.start_ms = start_ms;
  made.ppid = ppid;
  return made;
}

// "1 .2 ..3": the pids in order, a dot a level.
std::string drawn(const std::vector<PsProcess>& processes, const PsTree& tree) {
  std::string out;
  tree.walk([&](std::size_t i, const std::vector<bool>& has_next) {
    out += (out.empty() ? "" : " ") + std::string(has_next.size(), '.') +
           std::to_string(processes[i].key.pid);
  });
  return out;
}
std::string drawn(const std::vector<PsProcess>& processes) {
  return drawn(processes, PsTree(processes));
}

}  // namespace

TEST_CASE("processes stand below their parents, by pid", "[sorrelctl][tree]") {
  CHECK(drawn({}).empty());
  CHECK(drawn({process(1, 0), process(2, 0), process(3, 1), process(4, 3), process(5, 1)}) ==
        "1 .3 ..4 .5 2");
}

TEST_CASE("each level says whether a sibling follows", "[sorrelctl][tree]") {
  const std::vector<PsProcess> processes = {process(1, 0), process(2, 1), process(3, 2),
                                            process(4, 1)};
  std::vector<std::vector<bool>> levels;
  PsTree(processes).walk(
      [&](std::size_t, const std::vector<bool>& has_next) { levels.push_back(has_next); });
  CHECK(levels == std::vector<std::vector<bool>>{{}, {true}, {true, false}, {false}});
}

TEST_CASE("an event or a start tells a parent from others with its pid", "[sorrelctl][tree]") {
  std::vector<PsProcess> processes = {process(5, 0, kStart), process(5, 0, kStart + 10'000),
                                      process(7, 5, kStart + 20'000)};
  processes[0].key.event_ms = kStart + 1;
  processes[0].key.event_serial = 8;
  processes[1].key.event_ms = kStart + 10'001;
  processes[1].key.event_serial = 9;
  // Nothing is known but ppid: the one that ran then.
  CHECK(PsTree(processes).parent(2) == 1);
  processes[2].parent = {.pid = 5, .start_ms = kStart, .event_ms = 0, .event_serial = 0};
  CHECK(PsTree(processes).parent(2) == 0);
  processes[2].parent = {.pid = 5, .start_ms = 0, .event_ms = kStart + 1, .event_serial = 8};
  CHECK(PsTree(processes).parent(2) == 0);
  // One that is not among the rows is not replaced by another.
  processes[2].parent.event_serial = 7;
  CHECK(PsTree(processes).parent(2) == PsTree::kNone);
  processes[2].parent = {.pid = 5, .start_ms = kStart + 1, .event_ms = 0, .event_serial = 0};
  CHECK(PsTree(processes).parent(2) == PsTree::kNone);
}

TEST_CASE("a ppid counts only if its process ran when the child began", "[sorrelctl][tree]") {
  std::vector<PsProcess> processes = {process(5, 0, kStart), process(7, 5, kStart + 20'000)};
  processes[0].exited_ms = kStart + 20'000;
  CHECK(PsTree(processes).parent(1) == 0);
  processes[0].exited_ms = kStart + 19'999;
  CHECK(PsTree(processes).parent(1) == PsTree::kNone);
  processes[0] = process(5, 0, kStart + 20'001);
  CHECK(PsTree(processes).parent(1) == PsTree::kNone);
}

TEST_CASE("a loop is cut open and shown once", "[sorrelctl][tree]") {
  CHECK(drawn({process(1, 1)}) == "1");
  const std::vector<PsProcess> pair = {process(2, 3), process(3, 2), process(4, 3)};
  CHECK(drawn(pair) == "2 .3 ..4");
  CHECK(PsTree(pair).is_cut(0));
  CHECK_FALSE(PsTree(pair).is_cut(1));
  // A tail that leads into a loop.
  CHECK(drawn({process(1, 5), process(5, 6), process(6, 5)}) == "5 .1 .6");
}

TEST_CASE("a hundred thousand levels need no stack", "[sorrelctl][tree]") {
  std::vector<PsProcess> processes;
  for (std::uint32_t pid = 1; pid <= 100'000; ++pid) processes.push_back(process(pid, pid - 1));
  std::size_t deepest = 0;
  std::size_t count = 0;
  PsTree tree(processes);
  tree.walk([&](std::size_t, const std::vector<bool>& has_next) {
    deepest = std::max(deepest, has_next.size());
    ++count;
  });
  CHECK(deepest == 99'999);
  CHECK(count == 100'000);
  // And one loop of that size.
  processes.front().ppid = 100'000;
  CHECK(PsTree(processes).is_cut(0));
  std::vector<bool> last(processes.size());
  last.back() = true;
  CHECK(PsTree(processes).with_descendants(last) == last);
}

TEST_CASE("many processes of one pid are no loop of work", "[sorrelctl][tree]") {
  std::vector<PsProcess> processes;
  for (std::uint64_t i = 0; i < 100'000; ++i) processes.push_back(process(1, 1, kStart + i));
  std::size_t count = 0;
  PsTree(processes).walk([&](std::size_t, const std::vector<bool>&) { ++count; });
  CHECK(count == 100'000);
}

TEST_CASE("pruning keeps what is wanted and the way to it", "[sorrelctl][tree]") {
  const std::vector<PsProcess> processes = {process(1, 0), process(2, 1), process(3, 2),
                                            process(4, 3), process(5, 1), process(6, 0)};
  PsTree tree(processes);
  std::vector<bool> wanted(6);
  wanted[2] = true;
  CHECK(tree.with_descendants(wanted) == std::vector<bool>{false, false, true, true, false, false});
  tree.prune(wanted);
  CHECK(drawn(processes, tree) == "1 .2 ..3");
}

}  // namespace sorrel::sorrelctl
