#include "sorreld/statistics.h"

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <numeric>

#include "base/log.h"

namespace sorrel::agent {
namespace {

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string lost_by_cause(const Statistics& s) {
  std::string text = "{";
  for (std::size_t i = 0; i < s.lost.size(); ++i) {
    if (text.size() > 1) text += ',';
    text += '"';
    text += event::loss_cause_name(static_cast<event::LossCause>(i));
    text += "\":" + std::to_string(s.lost[i]);
  }
  return text + '}';
}

}  // namespace

std::uint64_t Statistics::lost_sum() const noexcept {
  return std::accumulate(lost.begin(), lost.end(), std::uint64_t{0});
}

std::string to_json(const Statistics& s) {
  return "{\"events\":" + std::to_string(s.events) + ",\"records\":" + std::to_string(s.records) +
         ",\"lost\":" + std::to_string(s.lost_sum()) + ",\"lost_by_cause\":" + lost_by_cause(s) +
         ",\"incomplete\":" + std::to_string(s.incomplete) +
         ",\"unparsed\":" + std::to_string(s.unparsed) +
         ",\"heartbeats\":" + std::to_string(s.heartbeats) + ",\"mode\":\"" + s.mode +
         "\",\"seconds\":" + seconds_text(s.seconds) +
         ",\"bytes_out\":" + std::to_string(s.bytes_out) + "}\n";
}

Status write_statistics(const std::string& path, const Statistics& statistics) {
  std::ofstream file(path, std::ios::trunc);
  file << to_json(statistics);
  file.close();
  if (!file) return fail_errno(errno, "cannot write the statistics to " + path);
  return Ok{};
}

void log_statistics(const Statistics& s) {
  log(Level::info, "statistics",
      {{"events", std::to_string(s.events)},
       {"records", std::to_string(s.records)},
       {"lost", std::to_string(s.lost_sum())},
       {"incomplete", std::to_string(s.incomplete)},
       {"heartbeats", std::to_string(s.heartbeats)},
       {"bytes_out", std::to_string(s.bytes_out)},
       {"mode", s.mode},
       {"seconds", seconds_text(s.seconds)}});
}

}  // namespace sorrel::agent
