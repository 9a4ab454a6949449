#include "config/print.h"

#include <random>

#include "catch.h"
#include "config/load.h"

namespace sorrel::config {
namespace {

// Draws valid options, biased to the ends of the ranges. All from one seed, which is printed.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Options options() {
    Options o;
    if (chance()) o.user = user();
    o.state_dir = path();
    o.log_level = static_cast<Level>(between(0, 4));
    o.statistics_s = number(0, 30 * 86'400);
    o.node.kind = static_cast<NodeKind>(between(0, 4));
    if (o.node.kind == NodeKind::fixed) o.node.text = word();
    fill(o.input);
    fill(o.netlink, o.input.kind == input::Kind::multicast);
    fill(o.event);
    fill(o.enrich);
    o.control.socket = chance() ? "" : "/run/" + letters("abc/ .:#", 5) + "x";
    if (!o.control.socket.empty() && chance()) o.control.group = user();
    o.enrich.secrets.redact = chance();
    if (chance()) o.enrich.secrets.patterns = {"/etc/" + word(), "/" + word()};
    fill(o.encode);
    for (std::uint64_t i = between(0, 4); i > 0; --i) o.outputs.push_back(output(i));
    return o;
  }

 private:
  void fill(enrich::Options& o) {
    for (bool* const on :
         {&o.names, &o.arguments, &o.user_names, &o.name_service, &o.groups, &o.paths, &o.script,
          &o.pid, &o.parent_details, &o.spawned_by, &o.session, &o.container, &o.container_info,
          &o.container_names, &o.systemd, &o.hash.enabled})
      *on = chance();
    o.ancestors = number(0, 32);
    o.environment.clear();
    for (std::uint64_t i = between(0, 3); i > 0; --i)
      o.environment.push_back("V" + std::to_string(i) + letters("ABC_09", between(0, 9)) +
                              (chance() ? "*" : ""));
    o.hash.size_limit_bytes = between(1, 100'000'000'000);
    o.hash.cache_entries = number(0, 1'000'000);
    o.processes.max = number(1'024, 500'000);
    o.processes.keep_exited_s = number(0, 86'400);
    o.processes.wait_ms = number(0, 1'000);
    o.processes.reads_per_second = number(0, 1'000'000);
    o.processes.sweep_s = number(1, 86'400);
  }

  std::uint64_t between(std::uint64_t min, std::uint64_t max) {
    return std::uniform_int_distribution<std::uint64_t>(min, max)(random_);
  }
  bool chance() { return between(0, 1) == 1; }
  std::uint32_t number(std::uint32_t min, std::uint32_t max) {
    switch (between(0, 3)) {
      case 0:
        return min;
      case 1:
        return max;
      default:
        return static_cast<std::uint32_t>(between(min, max));
    }
  }
  std::string letters(std::string_view alphabet, std::uint64_t size) {
    std::string out;
    for (; size > 0; --size) out += alphabet[between(0, alphabet.size() - 1)];
    return out;
  }
  std::string word() { return "w" + letters("abcXYZ019._-", between(0, 12)); }
  std::string user() { return chance() ? "null" : "_" + letters("abz09._-@\\$+", between(0, 9)); }
  std::string text() {
    // All that YAML treats specially, and beyond ASCII.
    std::string out = letters("ab 01:#-?,[]{}&*!|>'\"%@`\\/~=.", between(0, 20));
    return chance() ? out : out + "\xc3\xbc\xe2\x82\xac";
  }
  std::string path() {
    return "/" + letters("ab/ .:#'\"\\{[&*!-", between(0, 20)) + "\xf0\x9f\x8c\xb1" + "x";
  }

  void fill(input::Options& o) {
    o.kind = static_cast<input::Kind>(between(0, 3));
    if (o.kind == input::Kind::unix_socket) o.paths = {path()};
    if (o.kind == input::Kind::replay) {
      for (std::uint64_t i = between(1, 4); i > 0; --i)
        o.paths.push_back(path() + std::to_string(i));
      o.replay_in_recorded_time = chance();
    }
    o.ring_bytes = number(256u << 10, 1u << 30);
    o.max_line_bytes = number(9u << 10, std::min(16u << 20, o.ring_bytes / 4));
  }
  void fill(netlink::Options& o, bool multicast) {
    o.receive_buffer_bytes = number(64u << 10, 512u << 20);
    o.settings.backlog_limit.reset();
    if (chance()) o.settings.backlog_limit = number(0, 10'000'000);
    if (!multicast && chance()) o.settings.enabled = number(0, 2);
    if (!multicast && chance()) o.settings.failure = number(0, 2);
    if (!multicast && chance()) o.settings.backlog_wait_time = number(0, 600'000);
    if (!multicast && chance()) o.settings.rate_limit = number(0, 10'000'000);
    if (!multicast && chance()) o.at_exit = netlink::AtExit::restore;
    o.fall_back_to_multicast = chance();
    o.take_over_when_free = !multicast && o.fall_back_to_multicast && chance();
    o.status_poll_ms = number(100, 3'600'000);
    o.heartbeat_ms = chance() ? 0 : number(100, 3'600'000);
    o.heartbeat_stall_ms = number(100, o.heartbeat_ms == 0 ? 3'600'000 : o.heartbeat_ms);
  }
  void fill(event::Options& o) {
    o.timeout_ms = number(10, 600'000);
    o.user_linger_ms = number(0, std::min(o.timeout_ms, 10'000u));
    o.max_events = number(1, 1'000'000);
    o.max_bytes = number(64u << 10, 1u << 30);
    o.max_event_bytes = number(16u << 10, o.max_bytes);
    o.max_event_records = number(16, 1'000'000);
  }
  void fill(encode::Options& o) {
    o.argv_array = chance();
    o.argv_string = chance();
    o.argv_limit = chance() ? 0 : between(16, 100'000);
    o.socket_addresses = chance();
    o.prefix = letters("abc_.-@", between(0, 8));
    o.time_key = chance() ? "TIME" : "@" + letters("abcT_", between(0, 8));
    for (std::uint64_t i = between(0, 4); i > 0; --i) o.host_fields[word()] = text();
    o.eoe = chance();
  }
  OutputOptions output(std::uint64_t index) {
    OutputOptions o;
    o.name = word() + "-" + std::to_string(index);
    o.format = chance() ? buffer::Format::json : buffer::Format::raw;
    o.file.line_prefix = text();
    o.file.mode = static_cast<std::uint32_t>(between(0, 0777)) & ~0002u;
    o.file.generations = number(0, 10'000);
    if (index == 1 && chance()) {
      o.file.path = "-";
      return o;
    }
    // Names that no rotation of another output can reach.
    o.file.path = path() + "." + letters("abc", 5) + std::to_string(index);
    if (o.file.generations > 0) {
      o.file.rotate_size_bytes = chance() ? 0 : between(4096, std::uint64_t{1} << 40);
      o.file.rotate_age_s = chance() ? 0 : between(1, 3650ull * 86'400);
    }
    if (chance()) o.file.owner = user();
    if (chance()) o.file.group = user();
    for (std::uint64_t i = between(0, 3); i > 0; --i) {
      o.file.read_users.push_back(word() + std::to_string(i));
      o.file.read_groups.push_back(word() + std::to_string(i));
    }
    return o;
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("the defaults are printed in full", "[config]") {
  CHECK(to_yaml(Options{}) == R"(state_dir: /var/lib/sorrel
log_level: info
statistics: 1h
node: kernel
input:
  from: kernel
  recorded_time: no
  ring: 4 MiB
  max_line: 64 KiB
kernel:
  receive_buffer: 16 MiB
  enabled: leave
  failure: leave
  backlog_limit: 65536
  backlog_wait_time: leave
  rate_limit: leave
  at_exit: leave
  fall_back_to_multicast: yes
  take_over_when_free: no
  status_poll: 10s
  heartbeat: 30s
  heartbeat_after_stall: 1s
rules:
  paths: []
  drift: repair
  check_interval: 1min
  keep_foreign: no
  written_form: yes
  narrow_folders: yes
  merge: yes
  never_first: yes
events:
  timeout: 2s
  user_linger: 50ms
  max_events: 1024
  max_bytes: 16 MiB
  max_event_bytes: 4 MiB
  max_event_records: 4096
enrich:
  names: yes
  arguments: yes
  user_names: yes
  name_service: yes
  groups: yes
  paths: yes
  script: yes
  pid: yes
  parent_details: yes
  spawned_by: yes
  session: yes
  ancestors: 4
  container: yes
  container_info: no
  container_names: no
  systemd: yes
  environment:
    - LD_PRELOAD
    - LD_LIBRARY_PATH
  exe_hash:
    enabled: no
    size_limit: 10 MB
    cache_entries: 1024
  processes:
    max: 100000
    keep_exited: 5min
    wait: 5ms
    reads_per_second: 2000
    sweep: 10s
  secrets:
    redact: no
    patterns:
      - /usr/share/sorrel/rules/secrets.yaml
control:
  socket: /run/sorrel/control.sock
json:
  argv:
    - array
  argv_limit: never
  socket_addresses: yes
  prefix: ""
  time_key: TIME
  host: {}
raw:
  eoe: no
buffer:
  segment: 16 MiB
  max_size: 1 GiB
  max_share: 10
  min_free: 256 MiB
  memory: 4 MiB
  compression: 1
  sync_first: always
  sync_security: always
  sync_bulk: always
  sync_interval: 1s
  commit_first: 5ms
  commit_security: 50ms
  commit_bulk: 50ms
  commit_size: 256 KiB
outputs: []
)");
}

TEST_CASE("printed options are read back as they were", "[config]") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const Options options = Generator(seed).options();
    const std::string text = to_yaml(options);
    const Result<Options> again = load_text("printed", text);
    if (!again || !(*again == options)) {
      INFO("seed " << seed << "\n" << text << "\n" << (again ? "" : again.error().message));
      REQUIRE(again);
      REQUIRE(*again == options);
    }
  }
}

}  // namespace sorrel::config
