#include "decode_options.h"

#include <string_view>

#include "option_words.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId {
  kFormat = 1000,
  kConfig,
  kNoEnrich,
  kRoot,
  kNode,
  kHostId,
  kBootId,
  kEoe,
  kStats,
  kNoProgress,
  kHelp
};

constexpr option kOptions[] = {
    {"format", required_argument, nullptr, kFormat},
    {"config", required_argument, nullptr, kConfig},
    {"no-enrich", no_argument, nullptr, kNoEnrich},
    {"root", required_argument, nullptr, kRoot},
    {"node", required_argument, nullptr, kNode},
    {"host-id", required_argument, nullptr, kHostId},
    {"boot-id", required_argument, nullptr, kBootId},
    {"eoe", no_argument, nullptr, kEoe},
    {"stats", no_argument, nullptr, kStats},
    {"no-progress", no_argument, nullptr, kNoProgress},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

Unexpected<Error> usage(std::string message) {
  return fail(std::errc::invalid_argument, std::move(message));
}

// Sets what one option says. `value` is null for those without a value.
Status apply(DecodeOptions& options, int id, const char* value) {
  switch (id) {
    case kFormat: {
      const std::string_view format = value;
      if (format != "json" && format != "raw")
        return usage("--format is json or raw, not '" + std::string(format) + "'");
      options.format = format == "raw" ? buffer::Format::raw : buffer::Format::json;
      return Ok{};
    }
    case kConfig:
      options.config = value;
      return Ok{};
    case kNoEnrich:
      options.enrich = false;
      return Ok{};
    case kRoot:
      options.root = value;
      return Ok{};
    case kNode:
      options.node = value;
      return Ok{};
    case kHostId:
      options.host_id = value;
      return Ok{};
    case kBootId:
      options.boot_id = value;
      return Ok{};
    case kEoe:
      options.eoe = true;
      return Ok{};
    case kStats:
      options.stats = true;
      return Ok{};
    case kNoProgress:
      options.progress = false;
      return Ok{};
    default:
      options.help = true;
      return Ok{};
  }
}

}  // namespace

const char* const kDecodeHelp =
    "usage: sorrelctl decode [OPTION...] FILE...|-\n"
    "\n"
    "Decodes audit events: auditd's text (raw or enriched, with or without node=, with or without\n"
    "EOE records) or a recorded netlink stream (.audrec); plain, or packed by gzip, xz or zstd.\n"
    "Rotated files (audit.log.2 audit.log.1 audit.log) and folders are read oldest first; '-' is\n"
    "standard input. One JSON object a line goes to standard output.\n"
    "\n"
    "  --format json|raw   raw: auditd's text, every line unchanged, grouped by event\n"
    "  --config FILE       take node, events, enrich and json settings from this sorrel.yaml\n"
    "  --no-enrich         only what the records say: no names for numbers\n"
    "  --root DIR          name users and groups by DIR/etc/passwd and DIR/etc/group\n"
    "  --node NAME         NODE for records that bring none\n"
    "  --host-id ID, --boot-id ID\n"
    "                      the machine-id and boot id of the host that wrote the records, so that\n"
    "                      EVENT_UID is the one its sorreld gave\n"
    "  --eoe               raw: write the EOE records of a recording too\n"
    "  --stats             a JSON summary on standard error at the end\n"
    "  --no-progress       no progress line on a terminal\n"
    "  --help              this text\n"
    "\n"
    "This machine is never looked at: names come from --root, or from the records.\n"
    "Exit status: 0 all was read; 1 a file could not be read (to its end); 2 wrong usage.\n";

Result<DecodeOptions> parse_decode_options(int argc, char** argv) {
  DecodeOptions options;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (const Status applied = apply(options, id, value); !applied)
          return Unexpected<Error>(applied.error());
        return !options.help;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (options.help) return options;
  options.files.assign(argv + optind, argv + argc);
  if (options.files.empty()) return usage("name a file to decode, or '-' for standard input");
  return options;
}

}  // namespace sorrel::sorrelctl
