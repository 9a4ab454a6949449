#include "enrich/call.h"

#include "catch.h"
#include "event_of.h"

namespace sorrel::enrich {

TEST_CASE("a SYSCALL record is read whole", "[call]") {
  event::Event event;
  fill(event, {"type=PATH msg=audit(1.000:1): item=0",
               "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 success=yes exit=0 a0=1f "
               "a1=0 a2=ffffffffffffffff a3=8 items=2 ppid=717 pid=745 auid=1000 uid=33 gid=0 "
               "ses=7 comm=61FF exe=\"/usr/bin/dash\" key=(null)"});
  const Call call = CallReader().read(event);
  REQUIRE(call.is_known());
  CHECK(call.record == 1);
  CHECK(call.arch == 0xc000003e);
  CHECK(call.number == 59);
  CHECK(call.name == "execve");
  CHECK(call.success);
  CHECK(call.exit == 0);
  CHECK(call.argument(0) == 0x1f);
  CHECK(call.argument(2) == UINT64_MAX);
  CHECK(call.pid == 745);
  CHECK(call.ppid == 717);
  CHECK(call.auid == 1000);
  CHECK(call.uid == 33);
  CHECK(call.ses == 7);
  CHECK(call.comm == "a\xff");
  CHECK(call.exe == "/usr/bin/dash");
}

TEST_CASE("what a SYSCALL record does not say is not known", "[call]") {
  event::Event event;
  fill(event, {"type=SYSCALL msg=audit(1.000:1): arch=zz syscall=-1 exit=-13 a0=x pid=99999999999 "
               "ppid= uid=4294967296 exe=(null) comm=?"});
  const Call call = CallReader().read(event);
  REQUIRE(call.is_known());
  CHECK(call.name.empty());
  CHECK(call.number == Call::kUnset);
  CHECK(!call.success);
  CHECK(call.exit == -13);
  CHECK(call.pid == 0);
  CHECK(call.ppid == 0);
  CHECK(call.argument(0) == 0);
  CHECK(call.argument(1) == 0);
  CHECK(call.uid == Call::kUnset);
  CHECK(call.ses == Call::kUnset);
  CHECK(call.exe.empty());
  CHECK(call.comm.empty());
  fill(event, {"type=CWD msg=audit(1.000:1): cwd=\"/\""});
  CHECK(!CallReader().read(event).is_known());
}

}  // namespace sorrel::enrich
