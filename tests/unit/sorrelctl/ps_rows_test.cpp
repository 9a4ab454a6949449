#include "sorrelctl/ps_rows.h"

#include "catch.h"

namespace sorrel::sorrelctl {

TEST_CASE("a row is read with all that it has", "[sorrelctl][ps]") {
  PsRows rows;
  rows.add(R"({"pid":7,"start":"1700000000.123","event_id":"1700000000.125:45","ppid":3,)"
           R"("comm":"sh","exe":"/bin/sh","auid":1000,"user":"ann","ses":5,)"
           R"("session_event":"1699999999.000:1","unit":"a.service","container":"c0ffee",)"
           R"("exited":"1700000009.000","parent":{"pid":3,"start":"1600000000.000",)"
           R"("event_id":"1600000000.001:9"},"later":[1,{"x":null}]})");
  REQUIRE(rows.processes().size() == 1);
  const PsProcess& process = rows.processes()[0];
  CHECK(process.key.pid == 7);
  CHECK(process.key.start_ms == 1'700'000'000'123);
  CHECK(process.key.event_ms == 1'700'000'000'125);
  CHECK(process.key.event_serial == 45);
  CHECK(process.ppid == 3);
  CHECK(process.ses == 5);
  CHECK(process.exited_ms == 1'700'000'009'000);
  CHECK(process.parent.pid == 3);
  CHECK(process.parent.start_ms == 1'600'000'000'000);
  CHECK(process.parent.event_serial == 9);
  CHECK(rows.text(process.comm) == "sh");
  CHECK(rows.text(process.exe) == "/bin/sh");
  CHECK(rows.text(process.user) == "ann");
  CHECK(rows.text(process.unit) == "a.service");
  CHECK(rows.text(process.container) == "c0ffee");
  CHECK(rows.text(process.event_id) == "1700000000.125:45");
}

TEST_CASE("what is missing in a row is unknown", "[sorrelctl][ps]") {
  PsRows rows;
  rows.add(R"({"pid":1})");
  rows.add(R"({"pid":2,"auid":1000})");
  rows.add(R"({"pid":3,"comm":7,"start":5,"event_id":"x","parent":"y","ses":"z","exited":null})");
  REQUIRE(rows.processes().size() == 3);
  CHECK(rows.processes()[0].ses == PsProcess::kNoSession);
  CHECK_FALSE(rows.processes()[0].has_exited());
  CHECK(rows.text(rows.processes()[1].user) == "1000");
  CHECK(rows.processes()[2].key.start_ms == 0);
  CHECK_FALSE(rows.processes()[2].key.has_event());
  CHECK(rows.unreadable() == 0);
}

TEST_CASE("what is no row is counted and passed over", "[sorrelctl][ps]") {
  PsRows rows;
  for (const char* const bad : {"", "x", "[]", "7", "{}", R"({"ppid":1})", R"({"pid":"1"})",
                                R"({"pid":-1})", R"({"pid":4294967296})", R"({"pid":1.5})",
                                R"({"pid":1)", "{\"pid\":1,\"comm\":\"\xff\"}"}) {
    rows.add(bad);
  }
  CHECK(rows.processes().empty());
  CHECK(rows.unreadable() == 12);
}

TEST_CASE("rows beyond the limit are counted, not kept", "[sorrelctl][ps]") {
  PsRows rows;
  const std::string large = R"({"pid":1,"exe":")" + std::string(1u << 20, 'x') + "\"}";
  for (int i = 0; i < 300; ++i) rows.add(large);
  CHECK(rows.processes().size() < 256);
  CHECK(rows.processes().size() + rows.dropped() == 300);
}

TEST_CASE("rows are sorted by pid and start", "[sorrelctl][ps]") {
  PsRows rows;
  rows.add(R"({"pid":2,"start":"1700000000.000"})");
  rows.add(R"({"pid":10})");
  rows.add(R"({"pid":2,"start":"1600000000.000"})");
  rows.sort();
  CHECK(rows.processes()[0].key.start_ms == 1'600'000'000'000);
  CHECK(rows.processes()[1].key.start_ms == 1'700'000'000'000);
  CHECK(rows.processes()[2].key.pid == 10);
}

TEST_CASE("a moment has seconds and three digits", "[sorrelctl][ps]") {
  CHECK(moment_ms("1700000000.123") == 1'700'000'000'123);
  CHECK(moment_ms("1700000000.123:77") == 1'700'000'000'123);
  for (const char* const bad : {"", ".", "1", "1.5", "1.5000", "a.123", "1.12x", "-1.000", ":",
                                "99999999999999999999.000", "999999999999999.000"}) {
    CAPTURE(bad);
    CHECK(moment_ms(bad) == 0);
  }
}

}  // namespace sorrel::sorrelctl
