#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "buffer/frame.h"

namespace sorrel::sorrelctl {

// The command line of `sorrelctl decode`.
struct DecodeOptions {
  buffer::Format format = buffer::Format::json;
  std::string config;  // a sorrel.yaml whose node, events, enrich and json sections hold
  bool enrich = true;
  std::string root;  // its etc/passwd and etc/group name the users
  bool stats = false;
  bool eoe = false;
  std::string node;     // NODE for records that bring none
  std::string host_id;  // EVENT_UID as that host gave it
  std::string boot_id;
  bool progress = true;  // when standard error is a terminal and the input is large
  bool help = false;
  std::vector<std::string> files;
};

// Errors: an unknown option, a missing or impossible value, no file.
Result<DecodeOptions> parse_decode_options(int argc, char** argv);

extern const char* const kDecodeHelp;

}  // namespace sorrel::sorrelctl
