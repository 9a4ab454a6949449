#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "buffer/frame.h"
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

// One output. More types come with shipping; each has its own block of options.
struct OutputOptions {
  std::string name;
  buffer::Format format = buffer::Format::json;
  sink::FileOptions file;

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
  std::vector<OutputOptions> outputs;

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::config
