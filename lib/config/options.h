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

// The whole of sorrel.yaml; the defaults are the documented ones.
struct Options {
  std::optional<std::string> user;  // drop privileges to it; root only
  std::string state_dir = "/var/lib/sorrel";
  Level log_level = Level::info;
  std::uint32_t statistics_s = 3600;  // a log line with the counters; 0 is never
  NodeOptions node;
  input::Options input;
  netlink::Options netlink;
  event::Options event;
  enrich::Options enrich;
  control::Options control;
  encode::Options encode;
  std::vector<OutputOptions> outputs;

  friend bool operator==(const Options&, const Options&) = default;
};

}  // namespace sorrel::config
