#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "buffer/frame.h"
#include "buffer/options.h"
#include "control/options.h"
#include "encode/options.h"
#include "enrich/options.h"
#include "event/options.h"
#include "input/options.h"
#include "netlink/options.h"
#include "sink/options.h"

namespace sorrel::config {

enum class NodeKind : std::uint8_t { kernel, none, hostname, fqdn, fixed };

// Where NODE comes from. `kernel`: uname(2)'s nodename; a node= in the input always wins.
struct NodeOptions {
  NodeKind kind = NodeKind::kernel;
  std::string text;  // for fixed

  friend bool operator==(const NodeOptions&, const NodeOptions&) = default;
};

enum class OutputType : std::uint8_t { file, syslog, relp, http, kafka, syslog_udp };

// One output. Each type has its own block of options; those of the others stay at their defaults.
struct OutputOptions {
  std::string name;
  OutputType type = OutputType::file;
  buffer::Format format = buffer::Format::json;
  // Only events with one of these keys, or a record of one of these types; neither: all.
  std::vector<std::string> keys;
  std::vector<std::string> types;
  bool is_required = true;   // the buffer keeps what it lacks, up to the quotas; not for files
  bool from_oldest = false;  // begin with the oldest event in the buffer, once, when it is new
  sink::FileOptions file;
  sink::NetworkOptions network;  // syslog, relp, http
  sink::SyslogOptions syslog;
  sink::RelpOptions relp;
  sink::HttpOptions http;
  sink::KafkaOptions kafka;
  sink::UdpOptions udp;

  bool is_shipped() const noexcept { return type != OutputType::file; }

  friend bool operator==(const OutputOptions&, const OutputOptions&) = default;
};

// What becomes of a difference between the kernel's rules and those of the files.
enum class Drift : std::uint8_t { repair, alert, off };

// The audit rules that sorreld loads and keeps.
struct RulesOptions {
  std::vector<std::string> paths;  // files, and folders of *.rules; none: rules are left alone
  Drift drift = Drift::repair;
  std::uint32_t check_s = 60;  // how often the kernel's list is looked at, besides CONFIG_CHANGE
  bool keep_foreign = false;   // rules that are in no file stay
  bool written_form = true;    // twins are replaced; see ruleset::ApplyOptions
  bool narrow_folders = true;  // see ruleset::OptimizeOptions
  bool merge = true;
  bool never_first = true;

  friend bool operator==(const RulesOptions&, const RulesOptions&) = default;
};

// The whole of sorrel.yaml; the defaults are the documented ones.
struct Options {
  std::optional<std::string> user;  // drop privileges to it; root only
  std::string state_dir = "/var/lib/sorrel";
  Level log_level = Level::info;
  std::uint32_t statistics_s = 3600;  // a log line with the counters; 0 is never
  NodeOptions node;
  input::Options input;
  netlink::Options netlink;
  RulesOptions rules;
  event::Options event;
  enrich::Options enrich;
  control::Options control;
  encode::Options encode;
  buffer::Options buffer;  // path empty: state_dir/buffer
  std::vector<OutputOptions> outputs;

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::config
