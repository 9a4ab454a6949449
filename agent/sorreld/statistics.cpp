#include "sorreld/statistics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <numeric>

#include "base/log.h"
#include "sink/json_string.h"

namespace sorrel::agent {
namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string json_number(std::string_view key, std::uint64_t value) {
  return '"' + std::string(key) + "\":" + std::to_string(value) + ',';
}

std::string host_json(const Statistics& statistics) {
  const HostStatistics& host = statistics.host;
  std::string text = "\"host\":{" + json_number("waited", statistics.waited) +
                     json_number("ended", host.ended) + json_number("unreadable", host.unreadable) +
                     json_number("names_asked", host.names_asked) +
                     json_number("names_skipped", host.names_skipped) +
                     json_number("hashes_skipped", host.hashes_skipped);
  text.back() = '}';
  return text;
}

std::string rules_json(const std::optional<RuleStatistics>& rules) {
  if (!rules) return "";
  return "\"rules\":{" + json_number("loaded", rules->loaded) +
         json_number("pending", rules->pending) +
         "\"in_sync\":" + (rules->in_sync ? "true" : "false") + "},";
}

// What a person or a collector's certificate says may hold anything.
std::string json_text(std::string_view key, std::string_view value) {
  std::string text = '"' + std::string(key) + "\":";
  sink::append_json_string(text, value);
  return text + ',';
}

std::string output_json(const ShippedStatus& output) {
  std::string text =
      '{' + json_text("name", output.name) + json_text("type", output.type) +
      json_text("state", output.state) + json_text("peer", output.peer) +
      json_text("trouble", output.trouble) + json_number("acknowledged", output.acknowledged) +
      json_number("rejected", output.rejected) + json_number("sent_bytes", output.sent_bytes) +
      json_number("waiting", output.lag) + json_number("missed", output.gap_frames) +
      json_number("refused_kept", output.dead_letters) +
      json_number("refused_lost", output.dead_letters_dropped);
  if (output.certificate_days >= 0) {
    text += json_number("certificate_days", static_cast<std::uint64_t>(output.certificate_days));
  }
  text.back() = '}';
  return text;
}

std::string lane_json(const buffer::LaneStatus& lane, const char* name) {
  std::string text =
      '{' + json_text("lane", name) + json_number("segments", lane.segments) +
      json_number("disk_bytes", lane.disk_bytes) + json_number("memory_bytes", lane.memory_bytes) +
      json_number("last", lane.end - 1) + json_number("durable", lane.durable_end - 1) +
      json_number("dropped", lane.dropped_frames) + json_number("torn_bytes", lane.torn_bytes) +
      json_number("poisoned", lane.poisoned_segments) +
      json_number("damaged", lane.damaged_places) + json_number("damaged_kept", lane.damaged_kept);
  text.back() = '}';
  return text;
}

// Nothing when no output ships.
std::string shipping_json(const Statistics& statistics) {
  if (statistics.lanes.empty()) return "";
  // A reload may have taken all outputs away.
  std::string text = "\"outputs\":[";
  for (const ShippedStatus& output : statistics.shipped) {
    if (text.back() == '}') text += ',';
    text += output_json(output);
  }
  text += "],\"buffer\":[";
  for (std::size_t i = 0; i < statistics.lanes.size(); ++i) {
    text += lane_json(statistics.lanes[i], buffer::lane_name(i)) + ',';
  }
  text.back() = ']';
  return text + ',';
}

}  // namespace

std::uint64_t Statistics::lost_sum() const noexcept {
  return std::accumulate(lost.begin(), lost.end(), std::uint64_t{0});
}

Statistics read_statistics(const Pipeline& pipeline, const OpenOutputs& outputs) {
  const event::AssemblerCounters& assembler = pipeline.assembler_counters();
  const PipelineCounters& counters = pipeline.counters();
  Statistics statistics;
  statistics.heartbeats = counters.heartbeats.value();
  statistics.events = assembler.events.value() - statistics.heartbeats;
  statistics.records = assembler.records.value();
  for (std::size_t i = 0; i < event::kLossCauses; ++i) {
    statistics.lost[i] = counters.lost[i].value();
  }
  statistics.incomplete =
      assembler.timed_out.value() + assembler.evicted.value() + assembler.ended.value();
  statistics.unparsed = assembler.unparsed.value();
  statistics.late = pipeline.hold_counters().late.value() + pipeline.hold_counters().full.value();
  statistics.bytes_out = counters.json_bytes.value() + counters.raw_bytes.value();
  statistics.waited = pipeline.hold_counters().held.value();
  for (const OpenOutput& output : outputs) {
    statistics.output_dropped += output.sink->statistics().dropped_frames();
  }
  return statistics;
}

std::string to_json(const Statistics& statistics) {
  std::string text = "{" + json_number("events", statistics.events) +
                     json_number("records", statistics.records) +
                     json_number("lost", statistics.lost_sum()) + "\"lost_by_cause\":{";
  for (std::size_t i = 0; i < event::kLossCauses; ++i) {
    text +=
        json_number(event::loss_cause_name(static_cast<event::LossCause>(i)), statistics.lost[i]);
  }
  text.back() = '}';
  text += ',' + json_number("incomplete", statistics.incomplete) +
          json_number("unparsed", statistics.unparsed) +
          json_number("heartbeats", statistics.heartbeats) +
          json_number("output_dropped", statistics.output_dropped) +
          json_number("bytes_out", statistics.bytes_out) +
          json_number("processes", statistics.processes) + json_number("asked", statistics.asked) +
          json_number("not_asked", statistics.not_asked) + json_number("late", statistics.late) +
          json_number("redacted", statistics.redacted) + host_json(statistics) + ',' +
          rules_json(statistics.rules) + shipping_json(statistics);
  // The mode is a word of ours: it needs no escaping.
  return text + "\"mode\":\"" + statistics.mode +
         "\",\"seconds\":" + seconds_text(statistics.seconds) + "}\n";
}

void log_statistics(const Statistics& statistics) {
  std::string causes;
  for (std::size_t i = 0; i < event::kLossCauses; ++i) {
    if (statistics.lost[i] == 0) continue;
    causes += (causes.empty() ? "" : ",") +
              std::string(event::loss_cause_name(static_cast<event::LossCause>(i))) + ':' +
              std::to_string(statistics.lost[i]);
  }
  log(Level::info, "statistics",
      {{"events", std::to_string(statistics.events)},
       {"records", std::to_string(statistics.records)},
       {"lost", std::to_string(statistics.lost_sum())},
       {"lost_by_cause", causes.empty() ? "none" : causes},
       {"incomplete", std::to_string(statistics.incomplete)},
       {"unparsed", std::to_string(statistics.unparsed)},
       {"heartbeats", std::to_string(statistics.heartbeats)},
       {"output_dropped", std::to_string(statistics.output_dropped)},
       {"bytes_out", std::to_string(statistics.bytes_out)},
       {"processes", std::to_string(statistics.processes)},
       {"asked", std::to_string(statistics.asked)},
       {"not_asked", std::to_string(statistics.not_asked)},
       {"late", std::to_string(statistics.late)},
       {"redacted", std::to_string(statistics.redacted)},
       {"mode", statistics.mode},
       {"seconds", seconds_text(statistics.seconds)}});
}

Result<StatisticsFile> StatisticsFile::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644));
  if (!fd) return fail_errno(errno, "statistics file " + path + ": cannot open it");
  return StatisticsFile(path, std::move(fd));
}

Status StatisticsFile::write(const Statistics& statistics) const {
  const std::string text = to_json(statistics);
  // A pipe or a terminal cannot be cut, and need not be.
  [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), 0);
  const ssize_t written = ::write(fd_.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return Ok{};
  return fail_errno(written < 0 ? errno : ENOSPC, "statistics file " + path_ + ": cannot write it");
}

}  // namespace sorrel::agent
