#include "sorreld/statistics.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <numeric>

#include "base/log.h"

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
          json_number("redacted", statistics.redacted) + host_json(statistics) + ',';
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
