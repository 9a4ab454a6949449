#include "status_text.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "terminal_text.h"

namespace sorrel::sorrelctl {
namespace {

namespace dom = simdjson::dom;

constexpr std::pair<const char*, const char*> kNumbers[] = {
    {"events", "events"},
    {"records", "records"},
    {"incomplete", "incomplete"},
    {"unparsed", "unparsed"},
    {"heartbeats", "heartbeats"},
    {"output_dropped", "dropped by outputs"},
    {"bytes_out", "bytes out"},
    {"processes", "processes"},
    {"asked", "looked up"},
    {"not_asked", "not looked up"},
    {"late", "looked up late"},
    {"redacted", "redacted"},
    {"lost", "lost"}};

std::optional<std::uint64_t> number(dom::element from, const char* key) {
  std::uint64_t value = 0;
  if (from[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::string word(dom::element from, const char* key) {
  std::string_view value;
  std::string text;
  if (from[key].get(value) == simdjson::SUCCESS) append_visible(value, false, text);
  return text;
}

void append_line(std::string_view name, std::string_view value, std::string& out) {
  constexpr std::size_t kNameWidth = 20;
  out += name;
  out.append(kNameWidth - std::min(name.size(), kNameWidth - 1), ' ');
  out += value;
  out += '\n';
}

// "3d 04:05:06"
std::string duration(double seconds) {
  constexpr unsigned long long kDay = 86'400;
  constexpr double kMost = 1e15;
  if (!(seconds >= 0 && seconds < kMost)) return "?";
  const auto whole = static_cast<unsigned long long>(seconds);
  char text[64];
  std::snprintf(text, sizeof text, "%llud %02llu:%02llu:%02llu", whole / kDay, whole % kDay / 3'600,
                whole % 3'600 / 60, whole % 60);
  return text;
}

// The members of an object that are not 0: "ring 3, kernel 12".
std::string not_zero(dom::element from, const char* key) {
  dom::object map;
  std::string text;
  if (from[key].get(map) != simdjson::SUCCESS) return text;
  for (const auto& [name, value] : map) {
    std::uint64_t count = 0;
    if (value.get(count) != simdjson::SUCCESS || count == 0) continue;
    if (!text.empty()) text += ", ";
    append_visible(name, false, text);
    text += ' ' + std::to_string(count);
  }
  return text;
}

// "connected to logs:6514 (192.0.2.7), 12 sent, 0 wait"
std::string output_text(dom::element output) {
  std::string text = word(output, "state");
  if (const std::string peer = word(output, "peer"); !peer.empty()) text += " to " + peer;
  const auto add = [&](const char* key, const char* what, bool also_zero) {
    const auto value = number(output, key);
    if (value && (*value != 0 || also_zero)) text += ", " + std::to_string(*value) + ' ' + what;
  };
  add("acknowledged", "delivered", true);
  add("waiting", "wait", true);
  add("missed", "missed", false);
  add("rejected", "refused", false);
  add("refused_lost", "of them lost", false);
  add("certificate_days", "days of certificate left", true);
  if (const std::string trouble = word(output, "trouble"); !trouble.empty()) text += ": " + trouble;
  return text;
}

std::string lane_text(dom::element lane) {
  const auto value = [&](const char* key) { return std::to_string(number(lane, key).value_or(0)); };
  std::string text = value("disk_bytes") + " bytes in " + value("segments") + " segments, last " +
                     value("last") + ", durable " + value("durable");
  if (number(lane, "dropped").value_or(0) != 0) text += ", dropped " + value("dropped");
  return text;
}

// "531 loaded, in sync", "12 loaded, 3 wait for their path, NOT in sync"
std::string rules_text(dom::element root) {
  const dom::element rules = root["rules"];
  std::string text = std::to_string(number(rules, "loaded").value_or(0)) + " loaded";
  const std::uint64_t pending = number(rules, "pending").value_or(0);
  if (pending != 0) text += ", " + std::to_string(pending) + " wait for their path";
  bool in_sync = false;
  const bool is_known = rules["in_sync"].get(in_sync) == simdjson::SUCCESS;
  if (is_known) text += in_sync ? ", in sync" : ", NOT in sync with the files";
  return text;
}

void append_shipping(dom::element root, std::string& out) {
  dom::array all;
  if (root["outputs"].get(all) == simdjson::SUCCESS) {
    for (const dom::element output : all) {
      append_line("output " + word(output, "name"), output_text(output), out);
    }
  }
  if (root["buffer"].get(all) == simdjson::SUCCESS) {
    for (const dom::element lane : all) {
      append_line("buffer " + word(lane, "lane"), lane_text(lane), out);
    }
  }
}

}  // namespace

Result<std::string> status_text(std::string_view row) {
  dom::parser parser;
  dom::element root;
  if (parser.parse(row.data(), row.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return fail(std::errc::protocol_error, "the answer is not a JSON object");
  }
  std::string out;
  append_line("mode", word(root, "mode"), out);
  if (const auto pid = number(root, "pid")) {
    append_line("version", word(root, "version") + " (pid " + std::to_string(*pid) + ")", out);
  }
  double seconds = 0;
  if (root["seconds"].get(seconds) == simdjson::SUCCESS) {
    append_line("uptime", duration(seconds), out);
  }
  for (const auto& [key, name] : kNumbers) {
    const auto value = number(root, key);
    if (!value) continue;
    std::string text = std::to_string(*value);
    if (std::string_view(key) == "lost") {
      const std::string causes = not_zero(root, "lost_by_cause");
      if (!causes.empty()) text += " (" + causes + ")";
    }
    append_line(name, text, out);
  }
  if (root["rules"].is_object()) append_line("rules", rules_text(root), out);
  if (const std::string host = not_zero(root, "host"); !host.empty()) {
    append_line("the host", host, out);
  }
  if (const std::string control = not_zero(root, "control"); !control.empty()) {
    append_line("control socket", control, out);
  }
  append_shipping(root, out);
  return out;
}

}  // namespace sorrel::sorrelctl
