#include "host/proc_stat.h"

#include <string>

#include "catch.h"
#include "temp_root.h"

namespace sorrel::host {
namespace {

TEST_CASE("the fields of stat are read whatever the process is called", "[host]") {
  const std::string_view comm = GENERATE(as<std::string_view>{}, "bash", "", ")", "a) R 1 (b", "\n",
                                         "((", "a b  c", "\xff\xfe", ") Z 0 0 0 0 0 0 0");
  const std::string text = stat_text(42, comm, 'S', 7, 0x400140, 123456);
  CAPTURE(text);
  ProcStat stat;
  REQUIRE(parse_proc_stat(text, stat));
  CHECK(stat.pid == 42);
  CHECK(stat.comm == comm);
  CHECK(stat.state == 'S');
  CHECK(stat.ppid == 7);
  CHECK(stat.process_group == 300);
  CHECK(stat.session == 200);
  CHECK(stat.start_ticks == 123456);
  CHECK_FALSE(stat.is_kernel_thread());
  CHECK_FALSE(stat.is_ending());
}

TEST_CASE("the flags and states of a process that ends or is the kernel's are known", "[host]") {
  ProcStat stat;
  REQUIRE(parse_proc_stat(stat_text(2, "kthreadd", 'S', 0, 0x208040, 0), stat));
  CHECK(stat.is_kernel_thread());
  REQUIRE(parse_proc_stat(stat_text(9, "a", 'Z', 1, 0x40000c, 5), stat));
  CHECK(stat.is_zombie());
  REQUIRE(parse_proc_stat(stat_text(9, "a", 'R', 1, 0x400044, 5), stat));
  CHECK_FALSE(stat.is_zombie());
  CHECK(stat.is_ending());
}

TEST_CASE("what is no stat is refused", "[host]") {
  const std::string_view text =
      GENERATE(as<std::string_view>{}, "", "1", "1 ", "1 (", "1 (a", "1 (a)", "1 (a) ", "1 (a) S",
               "1 (a) S ", "1 (a) S 1 2 3", "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
               "x (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", "1 a S 1 2 3",
               "1 (a)S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
               "1 (a) S -1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
               "99999999999 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
               "1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 word");
  CAPTURE(text);
  ProcStat stat;
  CHECK_FALSE(parse_proc_stat(text, stat));
}

TEST_CASE("the boot time is the line btime's", "[host]") {
  CHECK(parse_boot_time("cpu 1 2\nintr 5 6\nbtime 1700000000\nprocesses 5\n") == 1700000000);
  CHECK(parse_boot_time("btime 17") == 17);
  for (const char* text : {"", "\n", "btime", "btime ", "btime x\n", "xbtime 5\n", "btime 5x\n"}) {
    CAPTURE(text);
    CHECK(parse_boot_time(text) == 0);
  }
}

TEST_CASE("the pid in the process's own namespace is the last of NSpid", "[host]") {
  const NamespacePids nested =
      parse_namespace_pids("Name:\tsh\nNStgid:\t9\t8\nNSpid:\t4711\t30\t2\nNSpgid:\t1\n");
  CHECK(nested.innermost == 2);
  CHECK(nested.depth == 3);
  CHECK(parse_namespace_pids("NSpid:\t5").depth == 1);
  for (const char* text : {"", "NSpid:", "NSpid:\t", "NSpid:\tx\n", "NSpid: 5\n", "NSpid:\t5\tx"}) {
    CAPTURE(text);
    CHECK(parse_namespace_pids(text).depth == 0);
  }
}

}  // namespace
}  // namespace sorrel::host
