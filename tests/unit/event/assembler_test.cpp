// How records become events, with and without their EOE records, live and from files.

#include "event/assembler.h"

#include <string>
#include <vector>

#include "catch.h"
#include "collected.h"

namespace sorrel::event {
namespace {

using test::Assembly;
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("records of interleaved events find their own", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("SYSCALL", 1, "a0=1");
  a.add("SYSCALL", 2, "a0=2");
  a.add("CWD", 1, "cwd=\"/1\"");
  a.add("SYSCALL", 3, "a0=3");
  a.add("CWD", 2, "cwd=\"/2\"");
  a.add("EOE", 2, "");
  a.add("PROCTITLE", 3, "proctitle=\"3\"");
  a.add("EOE", 1, "");
  a.add("EOE", 3, "");
  REQUIRE(a.out.ids() == Ids{"1.000:2+3", "1.000:1+3", "1.000:3+3"});
  CHECK(a.out.events[0].records == Ids{"SYSCALL a0=2", "CWD cwd=\"/2\"", "EOE "});
  CHECK(a.out.events[1].records == Ids{"SYSCALL a0=1", "CWD cwd=\"/1\"", "EOE "});
  for (const test::Released& event : a.out.events) {
    CHECK(event.has_eoe);
    CHECK(event.incomplete == Incomplete::no);
    CHECK(event.part == 0);
  }
  CHECK(a.out.started == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(a.assembler.events_in_flight() == 0);
  CHECK(a.assembler.bytes_in_flight() == 0);
  CHECK(a.assembler.counters().records.value() == 9);
  CHECK(a.assembler.counters().events.value() == 3);
}

TEST_CASE("records from the kernel and from text are read alike", "[assembler]") {
  Assembly a(TimeBase::live);
  a.kernel(record::type::kSyscall, "audit(1.000:1): a0=1");
  a.kernel(record::type::kEoe, "audit(1.000:1): ");
  a.kernel(record::type::kSyscall, "audit(1.000:2):");
  a.kernel(record::type::kEoe, "audit(1.000:2):");
  CHECK(a.out.ids() == Ids{"1.000:1+2", "1.000:2+2"});
}

TEST_CASE("the stamp and the serial together name an event", "[assembler]") {
  Assembly a(TimeBase::live);
  a.line("type=SYSCALL msg=audit(1.000:1): a0=1");
  a.line("type=SYSCALL msg=audit(1.001:1): a0=2");
  a.line("type=SYSCALL msg=audit(2.000:1): a0=3");
  a.line("type=SYSCALL msg=audit(1.000:11): a0=4");
  CHECK(a.assembler.events_in_flight() == 4);
  a.line("type=EOE msg=audit(1.001:1): ");
  CHECK(a.out.ids() == Ids{"1.001:1+2"});
}

TEST_CASE("node= separates events of one id", "[assembler]") {
  Assembly a(TimeBase::live);
  a.line("node=web type=SYSCALL msg=audit(1.000:1): a0=1");
  a.line("type=SYSCALL msg=audit(1.000:1): a0=2");
  a.line("node=db type=SYSCALL msg=audit(1.000:1): a0=3");
  a.line("node=web type=EOE msg=audit(1.000:1): ");
  a.line("type=EOE msg=audit(1.000:1): ");
  a.line("node=db type=EOE msg=audit(1.000:1): ");
  REQUIRE(a.out.ids() == Ids{"1.000:1+2", "1.000:1+2", "1.000:1+2"});
  CHECK(a.out.events[0].node == "web");
  CHECK(a.out.events[0].records[0] == "SYSCALL a0=1");
  CHECK(a.out.events[1].node.empty());
  CHECK(a.out.events[2].node == "db");
  for (const test::Released& event : a.out.events) CHECK(event.part == 0);
}

TEST_CASE("in a file without EOE an event ends some records after PROCTITLE", "[assembler]") {
  Assembly a(TimeBase::stored);
  a.add("SYSCALL", 1);
  a.add("PATH", 1);
  a.add("PROCTITLE", 1);
  for (std::uint64_t serial = 2; serial < 500; ++serial) a.add("SYSCALL", serial);
  CHECK(a.out.events.empty());
  a.add("AVC", 1, "apparmor=\"DENIED\"");  // a late one
  for (std::uint64_t serial = 500; serial < 1000; ++serial) a.add("SYSCALL", serial);
  CHECK(a.out.events.empty());
  for (std::uint64_t serial = 1000; serial < 1020; ++serial) a.add("SYSCALL", serial);
  REQUIRE(a.out.ids() == Ids{"1.000:1+4"});
  CHECK(a.out.events[0].incomplete == Incomplete::no);
}

TEST_CASE("in a file without EOE nothing is called incomplete", "[assembler]") {
  Assembly a(TimeBase::stored);
  a.add("SYSCALL", 1);
  a.add("CWD", 1);
  a.line("type=SYSCALL msg=audit(9.000:2): a0=1");  // the timeout has passed by its stamp
  REQUIRE(a.out.ids() == Ids{"1.000:1+2"});
  a.assembler.flush();
  REQUIRE(a.out.ids() == Ids{"1.000:1+2", "9.000:2+1"});
  CHECK(a.out.events[0].incomplete == Incomplete::no);
  CHECK(a.out.events[1].incomplete == Incomplete::no);
}

TEST_CASE("in a file with EOE an event waits for its own", "[assembler]") {
  Assembly a(TimeBase::stored);
  a.add("SYSCALL", 1);
  a.add("EOE", 1, "");
  a.add("SYSCALL", 2);
  a.add("PROCTITLE", 2);
  for (std::uint64_t serial = 3; serial < 800; ++serial) a.add("SYSCALL", serial);
  CHECK(a.out.ids() == Ids{"1.000:1+2"});
  a.add("EOE", 2, "");
  CHECK(a.out.ids() == Ids{"1.000:1+2", "1.000:2+3"});
  a.assembler.flush();
  CHECK(a.out.events.back().incomplete == Incomplete::ended);
  CHECK(a.assembler.counters().ended.value() == 797);
}

TEST_CASE("a user message alone is released after its linger", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("USER_LOGIN", 1);
  a.advance(49);
  CHECK(a.out.events.empty());
  CHECK(a.assembler.next_deadline_ns() == a.now_ns() + test::kMs);
  a.advance(1);
  REQUIRE(a.out.ids() == Ids{"1.000:1+1"});
  CHECK(a.out.events[0].incomplete == Incomplete::no);
  CHECK(a.assembler.counters().timed_out.value() == 0);
  CHECK(a.assembler.next_deadline_ns() == UINT64_MAX);
}

TEST_CASE("a user message and the system call of the same id are one event", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("SERVICE_START", 1);
  a.add("SYSCALL", 1);
  a.advance(200);
  CHECK(a.out.events.empty());
  a.add("SOCKADDR", 1);
  a.add("EOE", 1, "");
  CHECK(a.out.ids() == Ids{"1.000:1+4"});

  Assembly file(TimeBase::stored);
  file.add("USER_LOGIN", 1);
  file.add("USER_AUTH", 2);
  file.add("SYSCALL", 1);
  file.add("PROCTITLE", 1);
  file.assembler.flush();
  CHECK(file.out.ids() == Ids{"1.000:1+3", "1.000:2+1"});
}

TEST_CASE("LOGIN joins its system call", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("LOGIN", 1);
  a.advance(60);
  CHECK(a.out.events.empty());
  a.add("SYSCALL", 1);
  a.add("PROCTITLE", 1);
  a.add("EOE", 1, "");
  CHECK(a.out.ids() == Ids{"1.000:1+4"});
}

TEST_CASE("auditd's own records never join an event", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("SYSCALL", 1);
  a.add("DAEMON_START", 1);
  a.add("DAEMON_CONFIG", 1);
  a.add("CWD", 1);
  a.add("EOE", 1, "");
  REQUIRE(a.out.ids() == Ids{"1.000:1+1", "1.000:1+1", "1.000:1+3"});
  CHECK(a.out.events[0].records == Ids{"DAEMON_START a=1"});
  for (const test::Released& event : a.out.events) CHECK(event.part == 0);
}

TEST_CASE("a record of a name that no table has joins the event of its id", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("SYSCALL", 1);
  a.add("BRAND_NEW", 1);
  a.add("UNKNOWN[1499]", 1);
  a.add("EOE", 1, "");
  REQUIRE(a.out.ids() == Ids{"1.000:1+4"});
  CHECK(a.out.events[0].records[1] == "BRAND_NEW a=1");
}

TEST_CASE("a live event without its end is released by the clock alone", "[assembler]") {
  Assembly a(TimeBase::live, {.timeout_ms = 300});
  CHECK(a.assembler.next_deadline_ns() == UINT64_MAX);
  a.add("SYSCALL", 1);
  CHECK(a.assembler.next_deadline_ns() == a.now_ns() + 300 * test::kMs);
  a.advance(100);
  a.add("SYSCALL", 2);
  a.add("CWD", 1);  // does not put the deadline off
  CHECK(a.assembler.next_deadline_ns() == a.now_ns() + 200 * test::kMs);
  a.advance(199);
  CHECK(a.out.events.empty());
  a.advance(1);
  REQUIRE(a.out.ids() == Ids{"1.000:1+2"});
  CHECK(a.out.events[0].incomplete == Incomplete::timeout);
  a.advance(100);
  CHECK(a.out.ids() == Ids{"1.000:1+2", "1.000:2+1"});
  CHECK(a.assembler.counters().timed_out.value() == 2);
}

TEST_CASE("a single record without a system call is complete at its timeout", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("CONFIG_CHANGE", 1);
  a.advance(2000);
  REQUIRE(a.out.ids() == Ids{"1.000:1+1"});
  CHECK(a.out.events[0].incomplete == Incomplete::no);
  CHECK(a.assembler.counters().timed_out.value() == 0);
}

TEST_CASE("what comes after its event's release is a part of its own", "[assembler]") {
  Assembly a(TimeBase::live);
  a.add("SYSCALL", 1);
  a.add("EOE", 1, "");
  a.add("AVC", 1);
  a.advance(2000);
  a.add("PATH", 1);
  a.advance(2000);
  REQUIRE(a.out.ids() == Ids{"1.000:1+2", "1.000:1+1", "1.000:1+1"});
  CHECK(a.out.events[0].part == 0);
  CHECK(a.out.events[1].part == 1);
  CHECK(a.out.events[2].part == 2);
  CHECK(a.assembler.counters().late_events.value() == 2);
}

TEST_CASE("time that runs backwards in a file releases nothing too early", "[assembler]") {
  Assembly a(TimeBase::stored);
  a.line("type=SYSCALL msg=audit(900.000:1): a0=1");
  a.line("type=SYSCALL msg=audit(100.000:2): a0=2");
  a.line("type=CWD msg=audit(900.000:1): cwd=\"/\"");
  a.line("type=CWD msg=audit(100.000:2): cwd=\"/\"");
  CHECK(a.out.events.empty());
  for (std::uint64_t second = 99; second > 0; --second)
    a.line("type=SYSCALL msg=audit(" + std::to_string(second) + ".000:3): a0=3");
  a.line("type=SYSCALL msg=audit(902.000:4): a0=4");
  CHECK(a.out.events.size() == 101);
  CHECK(a.out.ids()[0] == "900.000:1+2");
  CHECK(a.out.ids()[1] == "100.000:2+2");
}

TEST_CASE("a recording's receive times are its clock", "[assembler]") {
  test::Collected out;
  Assembler assembler({}, TimeBase::stored, out);
  record::Datagram datagram;
  datagram.type = record::type::kSyscall;
  datagram.payload = "audit(5000.000:1): a0=1";
  datagram.received_ns = 1'000 * test::kMs;
  assembler.add(datagram);
  datagram.payload = "audit(1.000:2): a0=1";
  datagram.received_ns = 3'000 * test::kMs;
  assembler.add(datagram);
  CHECK(out.ids() == Ids{"5000.000:1+1"});
}

TEST_CASE("what is no record goes to its own handler, whole", "[assembler]") {
  Assembly a(TimeBase::live);
  for (const char* line : {"no record at all", "type=SYSCALL msg=audit(1.000:x): a=1",
                           "type=SYSCALL msg=audit(1.000:1) a=1", "node=x", "{\"ID\":1}"})
    a.line(line);
  CHECK(a.out.unparsed.size() == 5);
  CHECK(a.out.unparsed[0] == "no record at all");
  CHECK(a.out.unparsed[1] == "type=SYSCALL msg=audit(1.000:x): a=1");
  CHECK(a.out.events.empty());
  CHECK(a.assembler.counters().unparsed.value() == 5);
  CHECK(a.assembler.counters().records.value() == 0);
}

}  // namespace sorrel::event
