#include "sorrelctl/status_text.h"

#include "catch.h"

namespace sorrel::sorrelctl {

TEST_CASE("the status shows what is there, and of losses the causes", "[sorrelctl][status]") {
  const auto text = status_text(
      R"({"events":12,"records":40,"lost":5,"lost_by_cause":{"kernel":3,"ring":2,"size":0},)"
      R"("incomplete":1,"unparsed":0,"heartbeats":7,"output_dropped":0,"bytes_out":900,)"
      R"("host":{"waited":9,"unreadable":0,"ended":2},)"
      R"("mode":"registered","seconds":273906.123,"version":"0.1.0","pid":77,)"
      R"("control":{"connections":1,"stalled":0}})");
  REQUIRE(text);
  CHECK(*text ==
        "mode                registered\n"
        "version             0.1.0 (pid 77)\n"
        "uptime              3d 04:05:06\n"
        "events              12\n"
        "records             40\n"
        "incomplete          1\n"
        "unparsed            0\n"
        "heartbeats          7\n"
        "dropped by outputs  0\n"
        "bytes out           900\n"
        "lost                5 (kernel 3, ring 2)\n"
        "the host            waited 9, ended 2\n"
        "control socket      connections 1\n");
}

TEST_CASE("a status of another shape is shown as far as it goes", "[sorrelctl][status]") {
  CHECK(*status_text(R"({"mode":"\u001b[2J","lost":"x","lost_by_cause":7,"seconds":-1})") ==
        "mode                %1b[2J\n"
        "uptime              ?\n");
  CHECK_FALSE(status_text("[]"));
  CHECK_FALSE(status_text("{"));
}

}  // namespace sorrel::sorrelctl
