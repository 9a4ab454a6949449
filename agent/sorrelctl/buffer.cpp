// sorrelctl buffer: a look into sorreld's buffer on disk.
#include "buffer/buffer.h"

#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include "base/clock.h"
#include "buffer/inspect.h"
#include "buffer/os_storage.h"
#include "buffer/segment_cipher.h"
#include "commands.h"
#include "config/load.h"
#include "option_words.h"
#include "sink/json_string.h"

namespace sorrel::sorrelctl {
namespace {

enum OptionId { kJson = 1000, kPath, kConfig, kKeyFile, kLane, kFrom, kHelp };

constexpr option kOptions[] = {{"json", no_argument, nullptr, kJson},
                               {"path", required_argument, nullptr, kPath},
                               {"config", required_argument, nullptr, kConfig},
                               {"key-file", required_argument, nullptr, kKeyFile},
                               {"lane", required_argument, nullptr, kLane},
                               {"from", required_argument, nullptr, kFrom},
                               {"help", no_argument, nullptr, kHelp},
                               {nullptr, 0, nullptr, 0}};

constexpr const char* kBufferHelp =
    "usage: sorrelctl buffer ls|verify|export|repair [OPTION...]\n"
    "\n"
    "Looks into the buffer, where events wait for their collectors.\n"
    "\n"
    "  ls       its lanes: segments, sizes, and how far each output has got\n"
    "  verify   reads all of it and checks every checksum\n"
    "  export   writes its events to standard output, oldest first, as they would be sent\n"
    "  repair   cuts torn ends off, as the next start would; sorreld must not be running\n"
    "\n"
    "  --path FOLDER    the buffer; default: what the configuration says\n"
    "  --config FILE    the configuration; default: /etc/sorrel/sorrel.yaml\n"
    "  --key-file FILE  its key, when it is encrypted; default: what the configuration says\n"
    "  --lane LANE      export: only first, security or bulk\n"
    "  --from N         export: only from this sequence on\n"
    "  --json           ls and verify: as one JSON object\n"
    "  --help           this text\n"
    "\n"
    "Exit status: 0 all is well; 1 something is damaged, or cannot be read; 2 wrong usage.\n";

struct BufferArguments {
  bool json = false;
  bool help = false;
  std::string command;
  std::string path;
  std::string config = "/etc/sorrel/sorrel.yaml";
  std::string key_file;
  std::string lane;
  std::uint64_t from = 0;
};

int fail_with(const Error& error, int status) {
  std::fprintf(stderr, "sorrelctl buffer: %s\n", error.to_string().c_str());
  return status;
}

Result<BufferArguments> parse(int argc, char** argv) {
  BufferArguments arguments;
  const Status read =
      read_options(argc, argv, kOptions, [&](int id, const char* value) -> Result<bool> {
        if (id == kJson) arguments.json = true;
        if (id == kPath) arguments.path = value;
        if (id == kConfig) arguments.config = value;
        if (id == kKeyFile) arguments.key_file = value;
        if (id == kLane) arguments.lane = value;
        if (id == kHelp || id == 'h') arguments.help = true;
        if (id == kFrom) {
          char* end = nullptr;
          arguments.from = std::strtoull(value, &end, 10);
          if (*value < '0' || *value > '9' || *end != '\0') {
            return fail(std::errc::invalid_argument,
                        "--from: '" + std::string(value) + "' is no sequence");
          }
        }
        return true;
      });
  if (!read) return Unexpected<Error>(read.error());
  if (optind < argc) arguments.command = argv[optind++];
  if (optind < argc) {
    return fail(std::errc::invalid_argument, "'" + std::string(argv[optind]) + "' is too much");
  }
  return arguments;
}

// Path and key from the configuration, where they were not given.
Status complete(BufferArguments& arguments) {
  if (!arguments.path.empty()) return Ok{};
  const auto options = config::load_file(arguments.config);
  if (!options) return Unexpected<Error>(options.error());
  arguments.path =
      options->buffer.path.empty() ? options->state_dir + "/buffer" : options->buffer.path;
  if (arguments.key_file.empty()) arguments.key_file = options->buffer.key_file;
  return Ok{};
}

bool is_good(const buffer::SegmentReport& segment) {
  return segment.damaged == 0 && segment.error.empty();
}

void append_number(std::string& out, const char* key, std::uint64_t value) {
  out += '"' + std::string(key) + "\":" + std::to_string(value) + ',';
}

std::string to_json(const std::vector<buffer::LaneReport>& lanes, bool has_read) {
  std::string out = "{\"schema\":1,\"lanes\":[";
  for (const buffer::LaneReport& lane : lanes) {
    out += "{\"lane\":\"" + lane.name + "\",\"segments\":[";
    for (const buffer::SegmentReport& segment : lane.segments) {
      out += "{\"path\":";
      sink::append_json_string(out, segment.path);
      out += ',';
      append_number(out, "first", segment.name.first_sequence);
      append_number(out, "bytes", segment.bytes);
      if (has_read) {
        append_number(out, "last", segment.last);
        append_number(out, "blocks", segment.blocks);
        append_number(out, "events", segment.frames);
        append_number(out, "damaged", segment.damaged);
        out += std::string("\"encrypted\":") + (segment.is_encrypted ? "true" : "false") +
               ",\"error\":";
        sink::append_json_string(out, segment.error);
        out += ',';
      }
      out.back() = '}';
      out += ',';
    }
    if (!lane.segments.empty()) out.pop_back();
    out += "],\"outputs\":[";
    for (const buffer::CursorReport& cursor : lane.cursors) {
      out += "{\"output\":";
      sink::append_json_string(out, cursor.output);
      out += ",\"answered\":" + (cursor.acked ? std::to_string(*cursor.acked) : "null") + "},";
    }
    if (!lane.cursors.empty()) out.pop_back();
    out += "]},";
  }
  if (!lanes.empty()) out.pop_back();
  return out + "]}\n";
}

void print(const std::vector<buffer::LaneReport>& lanes, bool has_read) {
  for (const buffer::LaneReport& lane : lanes) {
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    for (const buffer::SegmentReport& segment : lane.segments) {
      bytes += segment.bytes;
      frames += segment.frames;
    }
    std::printf("%s: %zu segments, %" PRIu64 " bytes", lane.name.c_str(), lane.segments.size(),
                bytes);
    if (has_read) std::printf(", %" PRIu64 " events", frames);
    std::printf("\n");
    for (const buffer::SegmentReport& segment : lane.segments) {
      if (!has_read || is_good(segment)) continue;
      std::printf("  %s: %s\n", segment.path.c_str(),
                  segment.error.empty()
                      ? (std::to_string(segment.damaged) + " places are damaged").c_str()
                      : segment.error.c_str());
    }
    for (const buffer::CursorReport& cursor : lane.cursors) {
      std::printf("  output %s: answered up to %s\n", cursor.output.c_str(),
                  cursor.acked ? std::to_string(*cursor.acked).c_str() : "(damaged)");
    }
  }
}

int run_export(const buffer::InspectOptions& options, const BufferArguments& arguments,
               buffer::Storage& storage) {
  const auto write = [&](const std::string& lane, const buffer::Block& block) {
    if (!arguments.lane.empty() && lane != arguments.lane) return;
    std::size_t offset = 0;
    for (const buffer::FrameHeader& frame : block.frames) {
      if (frame.sequence >= arguments.from) {
        std::fwrite(block.bytes.data() + offset, 1, frame.size_bytes, stdout);
      }
      offset += frame.size_bytes;
    }
  };
  const auto lanes = buffer::inspect(storage, options, write);
  if (!lanes) return fail_with(lanes.error(), kExitFailed);
  if (std::fflush(stdout) != 0) {
    return fail_with({std::error_code(errno, std::generic_category()), "standard output"},
                     kExitFailed);
  }
  std::uint64_t damaged = 0;
  bool lacks_key = false;
  for (const buffer::LaneReport& lane : *lanes) {
    for (const buffer::SegmentReport& segment : lane.segments) {
      damaged += is_good(segment) ? 0 : 1;
      lacks_key = lacks_key || (segment.is_encrypted && options.secret.empty());
    }
  }
  if (lacks_key) std::fprintf(stderr, "sorrelctl buffer: it is encrypted: --key-file\n");
  if (damaged != 0) {
    std::fprintf(stderr, "sorrelctl buffer: %" PRIu64 " segments are damaged; verify tells more\n",
                 damaged);
  }
  return damaged != 0 || lacks_key ? kExitFailed : kExitOk;
}

int run_repair(const BufferArguments& arguments, buffer::Storage& storage) {
  const auto lock = buffer::lock_buffer(arguments.path);
  if (!lock) return fail_with(lock.error(), kExitFailed);
  const SystemClock clock;
  buffer::Options options;
  options.path = arguments.path;
  options.key_file = arguments.key_file;
  options.max_bytes = options.min_free_bytes = 0;
  options.max_share_percent = 0;
  // With the outputs that it has, so that none of them loses its place.
  const auto before =
      buffer::inspect(storage, {.path = arguments.path, .secret = {}, .reads_segments = false});
  if (!before) return fail_with(before.error(), kExitFailed);
  std::vector<buffer::OutputInfo> outputs;
  for (const buffer::CursorReport& cursor : before->front().cursors) {
    outputs.push_back({.name = cursor.output, .bit = 1, .is_required = true, .from_oldest = true});
  }
  auto opened = buffer::Buffer::open(storage, clock, options, outputs);
  if (!opened) return fail_with(opened.error(), kExitFailed);
  std::uint64_t torn = 0;
  for (std::size_t lane = 0; lane < buffer::kLanes; ++lane) {
    torn += (*opened)->status(static_cast<buffer::Lane>(lane)).torn_bytes;
  }
  std::printf("%" PRIu64 " bytes of torn ends were cut off\n", torn);
  return kExitOk;
}

}  // namespace

int run_buffer(int argc, char** argv) {
  Result<BufferArguments> arguments = parse(argc, argv);
  if (!arguments) {
    fail_with(arguments.error(), kExitUsage);
    std::fputs("'sorrelctl buffer --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (arguments->help) {
    std::fputs(kBufferHelp, stdout);
    return kExitOk;
  }
  const std::string& command = arguments->command;
  if (command != "ls" && command != "verify" && command != "export" && command != "repair") {
    std::fprintf(stderr,
                 "sorrelctl buffer: ls, verify, export or repair?\n"
                 "'sorrelctl buffer --help' tells more.\n");
    return kExitUsage;
  }
  if (const Status ready = complete(*arguments); !ready)
    return fail_with(ready.error(), kExitFailed);
  buffer::OsStorage storage;
  if (command == "repair") return run_repair(*arguments, storage);
  buffer::InspectOptions options{
      .path = arguments->path, .secret = {}, .reads_segments = command != "ls"};
  if (!arguments->key_file.empty() && command != "ls") {
    auto key = buffer::read_key_file(arguments->key_file);
    if (!key) return fail_with(key.error(), kExitFailed);
    options.secret = *std::move(key);
  }
  if (command == "export") return run_export(options, *arguments, storage);
  const auto lanes = buffer::inspect(storage, options);
  if (!lanes) return fail_with(lanes.error(), kExitFailed);
  if (arguments->json) {
    std::fputs(to_json(*lanes, options.reads_segments).c_str(), stdout);
  } else {
    print(*lanes, options.reads_segments);
  }
  for (const buffer::LaneReport& lane : *lanes) {
    for (const buffer::SegmentReport& segment : lane.segments) {
      if (!is_good(segment)) return kExitFailed;
    }
    for (const buffer::CursorReport& cursor : lane.cursors) {
      if (!cursor.acked) return kExitFailed;
    }
  }
  return kExitOk;
}

}  // namespace sorrel::sorrelctl
