#include "config/load.h"

#include "catch.h"

namespace sorrel::config {
namespace {

Options loaded(std::string_view text) {
  Result<Options> options = load_text("c", text);
  if (!options) FAIL(options.error().message);
  return *options;
}

}  // namespace

TEST_CASE("an empty file gives the defaults", "[config]") {
  CHECK(loaded("") == Options{});
  CHECK(loaded("# nothing but a comment\n") == Options{});
  // Sections whose options are all commented out.
  CHECK(loaded("input:\nkernel:\nevents:\nenrich:\ncontrol:\njson:\nraw:\noutputs:\n") ==
        Options{});
}

TEST_CASE("every option of a full file arrives", "[config]") {
  const Options o = loaded(R"(
user: sorrel
state_dir: /srv/sorrel
log_level: warning
statistics: 30min
node: {fixed: web-1}
input:
  replay: [/l/audit.log.1, /l/audit.log]
  recorded_time: yes
  ring: 8 MiB
  max_line: 1 MiB
kernel:
  receive_buffer: 32 MiB
  enabled: locked
  failure: panic
  backlog_limit: leave
  backlog_wait_time: 0
  rate_limit: 1000
  at_exit: restore
  fall_back_to_multicast: yes
  take_over_when_free: yes
  status_poll: 5s
  heartbeat: 1min
  heartbeat_after_stall: 250ms
events:
  timeout: 5s
  user_linger: 0
  max_events: 10
  max_bytes: 1 MiB
  max_event_bytes: 512 KiB
  max_event_records: 100
enrich:
  names: no
  user_names: off
  secrets: {redact: yes, patterns: [/a/b.yaml, /c.yaml]}
control: {socket: /run/x/y.sock, group: adm}
json:
  argv: [string]
  argv_limit: 4 KiB
  socket_addresses: no
  prefix: e_
  time_key: "@timestamp"
  host: {role: web, site: fra 1}
raw: {eoe: true}
outputs:
  - name: a
    type: file
    format: raw
    path: /l/sorrel.log
    rotate: {size: 10 MB, age: 1d, generations: 3}
    owner: root
    group: adm
    mode: 0640
    read_users: splunk
    read_groups: [adm, siem]
    line_prefix: "@cee: "
  - {name: b, type: file, path: "-"}
)");
  Options expected;
  expected.user = "sorrel";
  expected.state_dir = "/srv/sorrel";
  expected.log_level = Level::warning;
  expected.statistics_s = 1800;
  expected.node = {NodeKind::fixed, "web-1"};
  expected.input = {
      input::Kind::replay, {"/l/audit.log.1", "/l/audit.log"}, true, 8u << 20, 1u << 20};
  expected.netlink.receive_buffer_bytes = 32u << 20;
  expected.netlink.settings = {2, 2, std::nullopt, 0, 1000};
  expected.netlink.at_exit = netlink::AtExit::restore;
  expected.netlink.take_over_when_free = true;
  expected.netlink.status_poll_ms = 5000;
  expected.netlink.heartbeat_ms = 60'000;
  expected.netlink.heartbeat_stall_ms = 250;
  expected.event = {5000, 0, 10, 1u << 20, 512u << 10, 100};
  expected.enrich.names = expected.enrich.user_names = false;
  expected.enrich.secrets = {true, {"/a/b.yaml", "/c.yaml"}};
  expected.control = {"/run/x/y.sock", "adm"};
  expected.encode = {
      false, true, 4096, false, "e_", "@timestamp", {{"role", "web"}, {"site", "fra 1"}}, true};
  OutputOptions a;
  a.name = "a";
  a.format = buffer::Format::raw;
  a.file = {"/l/sorrel.log", 10'000'000,      86'400,  3, "root", "adm", 0640,
            {"splunk"},      {"adm", "siem"}, "@cee: "};
  OutputOptions b;
  b.name = "b";
  b.file.path = "-";
  expected.outputs = {a, b};
  CHECK(o == expected);
}

TEST_CASE("inputs have a short form and a map form", "[config]") {
  CHECK(loaded("input: kernel").input == input::Options{});
  CHECK(loaded("input: multicast").input.kind == input::Kind::multicast);
  CHECK(loaded("input: {from: multicast}").input.kind == input::Kind::multicast);
  const input::Options unix_socket = loaded("input: {unix: /run/audispd_events}").input;
  CHECK(unix_socket.kind == input::Kind::unix_socket);
  CHECK(unix_socket.paths == std::vector<std::string>{"/run/audispd_events"});
  const input::Options replay = loaded("input: {replay: /l/a.log}").input;
  CHECK(replay.kind == input::Kind::replay);
  CHECK(replay.paths == std::vector<std::string>{"/l/a.log"});
  CHECK(loaded("input: {ring: 1 MiB}").input.kind == input::Kind::kernel);
}

TEST_CASE("nodes have four words and a name", "[config]") {
  CHECK(loaded("node: none").node == NodeOptions{NodeKind::none, ""});
  CHECK(loaded("node: kernel").node == NodeOptions{NodeKind::kernel, ""});
  CHECK(loaded("node: hostname").node == NodeOptions{NodeKind::hostname, ""});
  CHECK(loaded("node: fqdn").node == NodeOptions{NodeKind::fqdn, ""});
  CHECK(loaded("node: {fixed: kernel}").node == NodeOptions{NodeKind::fixed, "kernel"});
}

TEST_CASE("the control socket has a path or is off", "[config]") {
  CHECK(loaded("").control == control::Options{"/run/sorrel/control.sock", std::nullopt});
  for (const char* const word : {"off", "no", "false", "\"off\""}) {
    CHECK(loaded("control: {socket: " + std::string(word) + "}").control.socket.empty());
  }
}

TEST_CASE("an empty list of argv forms turns both off", "[config]") {
  const encode::Options o = loaded("json: {argv: []}").encode;
  CHECK_FALSE(o.argv_array);
  CHECK_FALSE(o.argv_string);
}

TEST_CASE("quotes around a value make no difference", "[config]") {
  CHECK(loaded("events: {timeout: \"5s\", max_events: '7'}") ==
        loaded("events: {timeout: 5s, max_events: 7}"));
}

TEST_CASE("the error of a text joins all problems and is an invalid argument", "[config]") {
  const Result<Options> options = load_text("sorrel.yaml", "kernel:\n  heartbaet: 1s\nx: 1\n");
  REQUIRE_FALSE(options);
  CHECK(options.error().code == std::errc::invalid_argument);
  CHECK(options.error().message ==
        "sorrel.yaml:2:3: unknown key 'heartbaet'; did you mean 'heartbeat'?\n"
        "sorrel.yaml:3:1: unknown key 'x'; known at the top of the file: user, state_dir, "
        "log_level, statistics, node, input, kernel, rules, events, enrich, control, json, raw, "
        "buffer, outputs");
}

}  // namespace sorrel::config
