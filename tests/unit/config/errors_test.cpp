// One row for each way in which a configuration can be wrong, with the whole message.
#include "catch.h"
#include "config/load.h"

namespace sorrel::config {
namespace {

struct Row {
  std::string_view text;
  std::string expected;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.text);
    const Result<Options> options = load_text("c", row.text);
    CHECK_FALSE(options);
    if (!options) CHECK(options.error().message == row.expected);
  }
}

}  // namespace

TEST_CASE("unknown and repeated keys are errors", "[config]") {
  check_rows({
      {"heartbaet: 1s",
       "c:1:1: unknown key 'heartbaet'; known at the top of the file: user, state_dir, log_level, "
       "statistics, node, input, kernel, rules, events, enrich, control, json, raw, buffer, "
       "outputs"},
      {"kernel:\n  heartbaet: 1s", "c:2:3: unknown key 'heartbaet'; did you mean 'heartbeat'?"},
      {"timeout: 2s",
       "c:1:1: unknown key 'timeout' at the top of the file; it is known as "
       "events.timeout"},
      {"kernel: {timeout: 2s}",
       "c:1:10: unknown key 'timeout' in kernel; it is known as events.timeout"},
      {"raw: {hash: yes}", "c:1:7: unknown key 'hash'; known in raw: eoe"},
      {"Events: {}", "c:1:1: unknown key 'Events'; did you mean 'events'?"},
      {"outputs:\n- {name: a, type: file, path: /l, read-users: [x]}",
       "c:2:35: unknown key 'read-users'; did you mean 'read_users'?"},
      {"outputs:\n- {name: a, type: file, path: /l, rotate: {sise: 1 MB}}",
       "c:2:44: unknown key 'sise'; did you mean 'size'?"},
      {"input: {reply: /l}", "c:1:9: unknown key 'reply'; did you mean 'replay'?"},
      {"node: {name: x}",
       "c:1:7: node: 'fixed' is missing\n"
       "c:1:8: unknown key 'name' in node; it is known as outputs.name"},
      {"\"\\e[31m\": 1",
       "c:1:1: unknown key '\\x1B[31m'; known at the top of the file: user, state_dir, log_level, "
       "statistics, node, input, kernel, rules, events, enrich, control, json, raw, buffer, "
       "outputs"},
      {"log_level: info\nuser: a\nlog_level: debug",
       "c:3:1: 'log_level' is given twice; the first is in line 1"},
      {"events: {timeout: 1s}\nevents: {timeout: 2s}",
       "c:2:1: 'events' is given twice; the first is in line 1"},
      {"json: {host: {a: 1, a: 2}}", "c:1:21: json.host: 'a' is given twice"},
      {"enrich: {secrets: {redact: yes, patterns: []}}",
       "c:1:43: enrich.secrets: redact: yes needs at least one file"},
      {"enrich: {secrets: {patterns: [secrets.yaml]}}",
       "c:1:31: enrich.secrets.patterns: wanted the absolute path of a file such as "
       "/var/log/audit.log, found 'secrets.yaml'"},
      {"json: {argv_limit: 8}",
       "c:1:20: json.argv_limit: 8 is too small; allowed: 16 B to 1 GiB, or never"},
      {"json: {argv: [array, array]}", "c:1:22: json.argv: 'array' is given twice"},
      {"? [a]\n: 1", "c:1:3: the name of an option must be a word, found a list"},
  });
}

TEST_CASE("a value of the wrong type says what is wanted and what was found", "[config]") {
  check_rows({
      {"events: {timeout: [2s]}",
       "c:1:19: events.timeout: wanted a duration such as 30s or 500ms, found a list"},
      {"events: {timeout: {s: 2}}",
       "c:1:19: events.timeout: wanted a duration such as 30s or 500ms, found a map"},
      {"events:\n  timeout:\n  max_events: 5",
       "c:2:3: events.timeout: wanted a duration such as 30s or 500ms, found nothing"},
      {"events: {timeout: 2}",
       "c:1:19: events.timeout: wanted a duration such as 30s or 500ms, found '2'; the unit is d, "
       "h, min, m, s or ms"},
      {"events: {max_bytes: lots}",
       "c:1:21: events.max_bytes: wanted a size such as 16 MiB, found 'lots'"},
      {"enrich: {names: 1}", "c:1:17: enrich.names: wanted yes or no, found '1'"},
      {"log_level: warn",
       "c:1:12: log_level: wanted debug, info, hint, warning or error, found 'warn'"},
      {"log_level: wraning",
       "c:1:12: log_level: wanted debug, info, hint, warning or error, found 'wraning'; did you "
       "mean 'warning'?"},
      {"user: null",
       "c:1:1: user: wanted the name of a user or group such as sorrel, found nothing"},
      {"state_dir: var/lib",
       "c:1:12: state_dir: wanted the absolute path of a directory such as /srv/state, found "
       "'var/lib'"},
      {"kernel: yes",
       "c:1:9: kernel: wanted options, one a line, such as receive_buffer: VALUE, found 'yes'"},
      {"kernel: []",
       "c:1:9: kernel: wanted options, one a line, such as receive_buffer: VALUE, found a list"},
      {"kernel: {enabled: maybe}",
       "c:1:19: kernel.enabled: wanted no, yes or locked, found 'maybe'; or leave, to change "
       "nothing"},
      {"kernel: {backlog_limit: }",
       "c:1:10: kernel.backlog_limit: wanted a whole number such as 8192, or leave, found nothing"},
      {"user:root",
       "c:1:1: wanted options, one a line, such as user: VALUE, found 'user:root'; write a space "
       "after the colon"},
      {"- a", "c:1:1: wanted options, one a line, such as user: VALUE, found a list"},
      {"node: web1",
       "c:1:7: node: wanted kernel, none, hostname or fqdn, found 'web1'; for a name of your own "
       "write {fixed: NAME}"},
      {"node: [a]",
       "c:1:7: node: wanted kernel, none, hostname or fqdn, or {fixed: NAME}, found a list"},
      {"node: {fixed: \"a b\"}",
       "c:1:15: node.fixed: wanted a host's name such as web-1.example.com, found 'a b'"},
      {"input: kernal",
       "c:1:8: input: wanted kernel or multicast, found 'kernal'; did you mean 'kernel'?"},
      {"input: replay", "c:1:8: input: 'replay' needs a path; write {replay: PATH}"},
      {"input: unix", "c:1:8: input: 'unix' needs a path; write {unix: PATH}"},
      {"control: {socket: run/c.sock}",
       "c:1:19: control.socket: wanted the absolute path of a socket, at most 107 bytes, such as "
       "/run/sorrel.sock, found 'run/c.sock'; or off, for no socket"},
      {"control: yes",
       "c:1:10: control: wanted options, one a line, such as socket: VALUE, found 'yes'"},
      {"json: {argv: [strin]}",
       "c:1:15: json.argv: wanted array or string, found 'strin'; did you mean 'string'?"},
      {"json: {argv: {a: b}}", "c:1:14: json.argv: wanted a list of array or string, found a map"},
      {"json: {argv: [[array]]}", "c:1:15: json.argv: wanted array or string, found a list"},
      {"json: {host: web}",
       "c:1:14: json.host: wanted a map such as {role: web, site: fra1}, found 'web'"},
      {"json: {host: {role: [a]}}", "c:1:21: json.host: wanted a text for 'role', found a list"},
      {"json: {host: {a b: c}}",
       "c:1:15: json.host: wanted a name of up to 64 letters, digits, '.', '_' and '-', such as "
       "audit-json, found 'a b'"},
      {"json: {prefix: \"a b\"}",
       "c:1:16: json.prefix: wanted a prefix of up to 64 letters, digits, '_', '-', '.' and '@', "
       "such as e_, found 'a b'"},
      {"json: {time_key: SYSCALL}",
       "c:1:18: json.time_key: wanted TIME, or a key with a lower-case letter or @ in it, such as "
       "@timestamp, found 'SYSCALL'"},
      {"outputs: {name: a}",
       "c:1:10: outputs: wanted a list of outputs, each beginning with '- name: NAME', found a "
       "map"},
      {"outputs: [a]",
       "c:1:11: outputs: wanted options, one a line, such as name: VALUE, found 'a'"},
      {"outputs:\n- {name: a, type: sislog, path: /l}",
       "c:2:19: outputs.type: wanted file, syslog, relp, http, kafka or syslog_udp, found "
       "'sislog'; did you "
       "mean "
       "'syslog'?"},
      {"outputs:\n- {name: a, type: syslog, address: logs.example}",
       "c:2:36: outputs.address: wanted an address such as logs.example:6514 or "
       "[2001:db8::1]:6514, found 'logs.example'"},
      {"outputs:\n- {name: a, type: syslog, tls: {key: /k}, address: \"[::1]:6514\"}",
       "c:2:32: outputs: tls: cert and key go together"},
      {"outputs:\n- {name: a, type: kafka, address: \"k:1\"}",
       "c:2:3: outputs: 'topic' is missing"},
      {"outputs:\n- {name: a, type: file, path: l.json}",
       "c:2:31: outputs.path: wanted the absolute path of a file such as /var/log/audit.json, or - "
       "for standard output, found 'l.json'"},
      {"outputs:\n- {name: a, type: file, path: /l, read_groups: [[x]]}",
       "c:2:49: outputs.read_groups: wanted the name of a user or group such as sorrel, found a "
       "list"},
      {"outputs:\n- {name: a, type: file, path: /l, read_users: {x: y}}",
       "c:2:47: outputs.read_users: wanted a list such as [A, B], found a map"},
      {"outputs:\n- {name: a, type: file, path: /l, read_users: [x, x]}",
       "c:2:51: outputs.read_users: 'x' is given twice"},
      {"outputs:\n- {name: a, type: file, path: /l, line_prefix: \"a\\nb\"}",
       "c:2:48: outputs.line_prefix: wanted a text of up to 1024 bytes without control characters, "
       "found 'a\\x0Ab'"},
      {"outputs:\n- {}",
       "c:2:3: outputs: 'name' is missing\nc:2:3: outputs: 'type' is missing\n"
       "c:2:3: outputs: 'path' is missing"},
  });
}

TEST_CASE("an impossible value says what is allowed", "[config]") {
  check_rows({
      {"statistics: 400d", "c:1:13: statistics: 400d is too large; allowed: 1s to 30d, or never"},
      {"events: {timeout: 1ms}",
       "c:1:19: events.timeout: 1ms is too small; allowed: 10ms to 10min"},
      {"events: {max_events: 0}",
       "c:1:22: events.max_events: 0 is too small; allowed: 1 to 1000000"},
      {"events: {max_events: -1}",
       "c:1:22: events.max_events: wanted a whole number such as 8192, found '-1'"},
      {"kernel: {receive_buffer: 2 GiB}",
       "c:1:26: kernel.receive_buffer: 2 GiB is too large; allowed: 64 KiB to 512 MiB"},
      {"kernel: {receive_buffer: 4294967297}",
       "c:1:26: kernel.receive_buffer: 4294967297 is too large; allowed: 64 KiB to 512 MiB"},
      {"kernel: {backlog_wait_time: 600001}",
       "c:1:29: kernel.backlog_wait_time: 600001 is too large; allowed: 0 to 600000; or leave, to "
       "change nothing"},
      {"kernel: {heartbeat: 1ms}",
       "c:1:21: kernel.heartbeat: 1ms is too small; allowed: 100ms to 1h, or off"},
      {"input: {max_line: 1 KiB}",
       "c:1:19: input.max_line: 1 KiB is too small; allowed: 9 KiB to 16 MiB"},
      {"outputs:\n- {name: a, type: file, path: /l, rotate: {size: 1}}",
       "c:2:50: outputs.rotate.size: 1 is too small; allowed: 4 KiB to 1 TiB, or never"},
      {"outputs:\n- {name: a, type: file, path: /l, rotate: {age: 500ms}}",
       "c:2:49: outputs.rotate.age: wanted a duration in whole seconds such as 30s or 2h, found "
       "'500ms'; or never"},
      {"outputs:\n- {name: a, type: file, path: /l, mode: 0646}",
       "c:2:41: outputs.mode: 0646 would let every user of the host change the log"},
      {"outputs:\n- {name: a, type: file, path: /l, mode: rw}",
       "c:2:41: outputs.mode: wanted permission bits in octal such as 0640, found 'rw'"},
  });
}

TEST_CASE("options that contradict each other are errors", "[config]") {
  check_rows({
      {"kernel:\n  heartbeat: 1s\n  heartbeat_after_stall: 2s",
       "c:3:26: kernel: heartbeat_after_stall (2s) must not be longer than heartbeat (1s)"},
      {"kernel:\n  heartbeat: 500ms",
       "c:2:14: kernel: heartbeat_after_stall (1s) must not be longer than heartbeat (500ms)"},
      {"kernel: {fall_back_to_multicast: no, take_over_when_free: yes}",
       "c:1:59: kernel: take_over_when_free: yes contradicts fall_back_to_multicast: no, which "
       "stops while another daemon is registered"},
      {"events: {timeout: 100ms, user_linger: 200ms}",
       "c:1:39: events: user_linger (200ms) must not be longer than timeout (100ms)"},
      {"control: {socket: off, group: adm}",
       "c:1:31: control: group has no effect with socket: off; remove one"},
      {"events: {max_bytes: 1 MiB}",
       "c:1:21: events: max_event_bytes (4 MiB) must not be larger than max_bytes (1 MiB)"},
      {"input: {from: kernel, replay: /l}",
       "c:1:31: input: 'replay' contradicts 'from': one input only"},
      {"input: {replay: /l, unix: /s}",
       "c:1:27: input: 'unix' contradicts 'replay': one input only"},
      {"input: {replay: []}", "c:1:17: input: replay needs at least one file"},
      {"input: {unix: }",
       "c:1:9: input.unix: wanted the absolute path of a socket, at most 107 bytes, such as "
       "/run/sorrel.sock, found nothing"},
      {"input: {from: kernel, recorded_time: yes}",
       "c:1:38: input: recorded_time is for replay only"},
      {"input: {ring: 256 KiB, max_line: 65 KiB}",
       "c:1:34: input: max_line must be at most a quarter of ring"},
      {"input: multicast\nkernel: {enabled: yes, at_exit: restore}",
       "c:2:19: kernel.enabled has no effect with input: multicast, which never writes to the "
       "kernel; remove it, or use input: kernel\n"
       "c:2:33: kernel.at_exit has no effect with input: multicast, which never writes to the "
       "kernel; remove it, or use input: kernel"},
      {"outputs:\n- {name: a, type: file, path: /l}\n- {name: a, type: file, path: /m}",
       "c:3:10: outputs: two outputs have the name 'a'"},
      {"outputs:\n- {name: a, type: file, path: /l/x}\n- {name: b, type: file, path: /l//x}",
       "c:3:31: outputs 'a' and 'b' would write to the same file: '/l//x' is, or is rotated to, a "
       "name of the other"},
      {"outputs:\n- {name: a, type: file, path: \"-\"}\n- {name: b, type: file, path: \"-\"}",
       "c:3:31: outputs 'a' and 'b' would write to the same file: '-' is, or is rotated to, a name "
       "of the other"},
      {"outputs:\n- {name: a, type: file, path: /l/x, rotate: {age: 1d}}\n"
       "- {name: b, type: file, path: /l/x.5}",
       "c:3:31: outputs 'a' and 'b' would write to the same file: '/l/x.5' is, or is rotated to, a "
       "name of the other"},
      {"outputs:\n- {name: a, type: file, path: /l/x, rotate: {size: 1 MB, generations: 0}}",
       "c:2:71: outputs: rotating with generations: 0 would delete the log each time it is full; "
       "keep at least 1, or rotate neither by size nor by age"},
      {"outputs:\n- {name: a, type: file, path: \"-\", rotate: {size: 1 MB}}",
       "c:2:44: outputs: standard output cannot be rotated"},
      {"outputs:\n- {name: a, type: file, path: \"-\", read_users: [x]}",
       "c:2:48: outputs: standard output is no file of ours: owner, group, read_users and "
       "read_groups do not apply to it"},
      {"input: {replay: /l/a.log}\noutputs:\n- {name: a, type: file, path: /l/a.log}",
       "c:3:31: output 'a' would write to '/l/a.log', which is read as input"},
  });
}

TEST_CASE("names that rotation does not use are free", "[config]") {
  for (const std::string_view text :
       {"outputs:\n- {name: a, type: file, path: /l/x, rotate: {age: 1d}}\n"
        "- {name: b, type: file, path: /l/x.6}",
        "outputs:\n- {name: a, type: file, path: /l/x}\n- {name: b, type: file, path: /l/x.1}",
        "outputs:\n- {name: a, type: file, path: /l/x, rotate: {age: 1d}}\n"
        "- {name: b, type: file, path: /l/x.json}"}) {
    const Result<Options> options = load_text("c", text);
    INFO(text);
    CHECK(options.has_value());
  }
}

TEST_CASE("an option that could not be read causes no second error", "[config]") {
  // heartbeat has its default of 30s after the first error; 40s is not compared with it.
  check_rows({
      {"kernel: {heartbeat: [], heartbeat_after_stall: 40s}",
       "c:1:21: kernel.heartbeat: wanted a duration such as 30s or 500ms, or off, found a list"},
  });
}

TEST_CASE("what is not a plain YAML document is an error with its place", "[config]") {
  check_rows({
      {"user: &a x", "c:1:7: anchors (&name) are not read; quote a text that begins with &"},
      {"user: !!str x", "c:1:7: tags (!name) are not read; quote a text that begins with !"},
      {"a: &x 1\nb: *x",
       "c:1:4: anchors (&name) are not read; quote a text that begins with &\n"
       "c:2:4: aliases (*name) are not read; write the value out, or quote it"},
      {"events:\n\ttimeout: 2s", "c:2:1: a tab in the indentation; YAML allows spaces only"},
      {"user: \x04root",
       "c:1:7: the byte 0x04 is a control character; save the file as UTF-8 text"},
  });
  // The reason in brackets is yaml-cpp's, and varies with its version.
  struct Row {
    std::string_view text;
    std::string_view start;
  };
  for (const Row& row : {Row{"a: b: c", "c:1:5: cannot read this as YAML ("},
                         Row{"a: [1, 2\nb: 3", "c:2:2: cannot read this as YAML ("},
                         Row{"a: \"x", "c:1:6: cannot read this as YAML ("},
                         Row{"a: 1\n---\nb: 2", "cannot read this as YAML (a second YAML document"},
                         Row{"a: *x", "cannot read this as YAML ("},
                         Row{"a: 1\n b: 2", "c:2:3: cannot read this as YAML ("},
                         Row{"@a: 1", "c:1:1: cannot read this as YAML ("}}) {
    INFO(row.text);
    const Checked checked = check_text("c", row.text);
    REQUIRE(checked.problems.size() == 1);
    const std::string message = checked.problems[0].to_string();
    CHECK(message.find(row.start) != std::string::npos);
    if (message.find(row.start) == std::string::npos) WARN(message);
  }
}

}  // namespace sorrel::config
