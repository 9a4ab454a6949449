#include <algorithm>

#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

using input::Kind;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

Scalar live_kind(Kind& kind) {
  return choice(kind, Words<Kind>{{"kernel", Kind::kernel}, {"multicast", Kind::multicast}});
}

// `inner`, which besides says what kind of input it is, and is printed only for that kind.
Value of_kind(Kind kind, input::Options& o, Value inner) {
  Value value = inner;
  value.read = [kind, &o, inner](const Node& node, Report& report) {
    inner.read(node, report);
    o.kind = kind;
  };
  value.write = [kind, &o, inner]() -> std::optional<Node> {
    if (o.kind != kind) return std::nullopt;
    return inner.write();
  };
  return value;
}

Value source(input::Options& o) {
  Value value = live_kind(o.kind);
  value.write = [&o]() -> std::optional<Node> {
    // Nothing for the other kinds, which have keys of their own.
    const std::optional<std::string> word = live_kind(o.kind).print();
    if (!word) return std::nullopt;
    return scalar_node(*word);
  };
  return value;
}

Scalar socket_path(input::Options& o) {
  return {std::string(kSocketPath.wanted),
          [&o](std::string_view word) {
            std::string wrong = kSocketPath.check(word);
            if (wrong.empty()) o.paths = {std::string(word)};
            return wrong;
          },
          [&o]() -> std::optional<std::string> {
            if (o.paths.empty()) return std::nullopt;
            return o.paths.front();
          }};
}

std::vector<Field> input_fields(input::Options& o) {
  return {
      {"from", source(o)},
      {"replay", of_kind(Kind::replay, o, list(o.paths, kFilePath))},
      {"recorded_time", yes_no(o.replay_in_recorded_time)},
      {"unix", of_kind(Kind::unix_socket, o, socket_path(o))},
      // A ring entry may be a quarter of the ring, and the kernel's longest record has 8970 bytes
      // (MAX_AUDIT_MESSAGE_LENGTH, libaudit.h).
      {"ring", bytes(o.ring_bytes, 256 * kKiB, 1024 * kMiB)},
      {"max_line", bytes(o.max_line_bytes, 9 * kKiB, 16 * kMiB)},
  };
}

void check_input(const input::Options& o, const Node& map, Report& report) {
  std::vector<std::string_view> given;
  for (const std::string_view key : {"from", "replay", "unix"}) {
    if (find(map, key) != nullptr) given.push_back(key);
  }
  if (given.size() > 1) {
    report.add_here(place_of(map, {given[1]}), "'" + std::string(given[1]) + "' contradicts '" +
                                                   std::string(given[0]) + "': one input only");
    return;
  }
  if (o.kind == Kind::replay && o.paths.empty()) {
    report.add_here(place_of(map, {"replay"}), "replay needs at least one file");
  }
  if (o.replay_in_recorded_time && o.kind != Kind::replay) {
    report.add_here(place_of(map, {"recorded_time"}), "recorded_time is for replay only");
  }
  if (std::uint64_t{o.max_line_bytes} * 4 > o.ring_bytes) {
    report.add_here(place_of(map, {"max_line", "ring"}),
                    "max_line must be at most a quarter of ring");
  }
}

}  // namespace

// input: kernel | multicast | {from: ..} | {replay: FILES} | {unix: PATH}
Value input_table(input::Options& o) {
  Value value = section(input_fields(o),
                        [&o](const Node& map, Report& report) { check_input(o, map, report); });
  value.has_short_form = true;
  value.read = [&o, of_section = value.read](const Node& node, Report& report) {
    if (node.type != NodeType::scalar) {
      of_section(node, report);
      return;
    }
    if (node.text == "replay" || node.text == "unix") {
      report.add_here(node.at,
                      in_quotes(node.text) + " needs a path; write {" + node.text + ": PATH}");
      return;
    }
    Value(live_kind(o.kind)).read(node, report);
  };
  return value;
}

}  // namespace sorrel::config
