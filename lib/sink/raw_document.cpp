#include "sink/raw_document.h"

#include <chrono>
#include <cstdio>

#include "sink/json_string.h"

namespace sorrel::sink {

std::string_view without_newline(std::string_view bytes) noexcept {
  if (!bytes.empty() && bytes.back() == '\n') bytes.remove_suffix(1);
  return bytes;
}

void append_time(std::string& out, std::uint64_t time_ns) {
  using namespace std::chrono;
  const std::uint64_t ms = time_ns / 1'000'000;
  const sys_days day{days(static_cast<int>(ms / 86'400'000))};
  const year_month_day date{day};
  const auto of_day = static_cast<unsigned>(ms % 86'400'000);
  char text[64];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02u.%03uZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), of_day / 3'600'000,
                                 of_day / 60'000 % 60, of_day / 1'000 % 60, of_day % 1'000);
  out.append(text, static_cast<std::size_t>(size));
}

void append_value(std::string& out, const BulkFrame& frame) {
  const std::string_view bytes = without_newline(frame.bytes);
  if (frame.header->format == buffer::Format::json) {
    out += bytes;
  } else {
    append_json_string(out, bytes);
  }
}

void append_document(std::string& out, const BulkFrame& frame) {
  if (frame.header->format == buffer::Format::json) {
    out.append(without_newline(frame.bytes)).append("\n");
    return;
  }
  out += R"({"@timestamp":")";
  append_time(out, frame.header->time_ns);
  out += R"(","EVENT_UID":")";
  append_uid(out, frame.header->event_uid);
  out += R"(","message":)";
  append_json_string(out, without_newline(frame.bytes));
  out += "}\n";
}

}  // namespace sorrel::sink
