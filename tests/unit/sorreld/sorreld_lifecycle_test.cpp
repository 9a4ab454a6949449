#include "catch.h"
#include "sorreld/lifecycle.h"
#include "support.h"

namespace sorrel::agent {

TEST_CASE("the daemon's own records have auditd's fields", "[sorreld][lifecycle]") {
  const Actor self{.auid = ~0u, .uid = 0, .session = ~0u, .pid = 321, .subject = "unconfined"};
  CHECK(daemon_start(self, "0.1.0", "json", "6.1.0-18-amd64") ==
        "op=start ver=0.1.0 format=json kernel=6.1.0-18-amd64 auid=4294967295 pid=321 uid=0 "
        "ses=4294967295 subj=unconfined res=success");
  const Actor admin{.auid = 1000, .uid = 0, .session = 3, .pid = 99, .subject = "?"};
  CHECK(daemon_end(admin, true) == "op=terminate auid=1000 uid=0 ses=3 pid=99 subj=? res=success");
  CHECK(daemon_end(admin, false) == "op=terminate auid=1000 uid=0 ses=3 pid=99 subj=? res=failed");
  CHECK(daemon_config(admin, true) ==
        "op=reconfigure state=changed auid=1000 uid=0 ses=3 pid=99 subj=? res=success");
  CHECK(daemon_config(admin, false) ==
        "op=reconfigure state=no-change auid=1000 uid=0 ses=3 pid=99 subj=? res=failed");
  CHECK(daemon_rotate(self, "/var/log/sorrel/audit.json") ==
        "op=rotate-logs auid=4294967295 uid=0 ses=4294967295 pid=321 subj=unconfined "
        "path=\"/var/log/sorrel/audit.json\" res=success");
}

TEST_CASE("a change of the input's mode says from what, to what, and why", "[sorreld][lifecycle]") {
  CHECK(health({.from = netlink::RegistrationState::registered,
                .to = netlink::RegistrationState::multicast,
                .holder_pid = 77,
                .reason = "auditd (pid 77) took it; \"stop\" it\n"}) ==
        "op=input-mode from=registered to=multicast holder-pid=77 "
        "reason=\"auditd (pid 77) took it; 'stop' it'\"");
}

TEST_CASE("a process is described by what /proc has of it", "[sorreld][lifecycle]") {
  const test::TempFolder proc;
  proc.write("42/loginuid", "1000");
  proc.write("42/sessionid", "7\n");
  proc.write("42/attr/current", "/usr/bin/man (enforce)\n");
  const Actor actor = describe_process(proc.path(), 42, 1000);
  CHECK(actor.auid == 1000);
  CHECK(actor.session == 7);
  CHECK(actor.uid == 1000);
  CHECK(actor.pid == 42);
  CHECK(actor.subject == "/usr/bin/man");

  const Actor gone = describe_process(proc.path(), 43, 5);
  CHECK(gone.auid == ~0u);
  CHECK(gone.session == ~0u);
  CHECK(gone.uid == 5);
  CHECK(gone.subject == "?");
}

TEST_CASE("a context cannot forge a field", "[sorreld][lifecycle]") {
  const test::TempFolder proc;
  const std::pair<std::string, std::string> rows[] = {
      {"", "?"},
      {"\n", "?"},
      {"unconfined\n", "unconfined"},
      {std::string("unconfined_u:unconfined_r:t:s0\0", 31), "unconfined_u:unconfined_r:t:s0"},
      {"x res=failed", "x"},
      {"\"quoted\"", "?"},
      {"caf\xc3\xa9", "caf"},
  };
  for (const auto& [content, subject] : rows) {
    proc.write("9/attr/current", content);
    CAPTURE(content);
    CHECK(describe_process(proc.path(), 9, 0).subject == subject);
  }
}

}  // namespace sorrel::agent
