#include "sink/syslog_format.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "sink/json_string.h"

namespace sorrel::sink {
namespace {

constexpr std::size_t kLeastRoom = 256;
constexpr std::size_t kMaxHost = 255;  // RFC 5424 6
constexpr std::size_t kMaxApp = 48;

// PRINTUSASCII of RFC 5424, at most `most`; "-" for nothing.
std::string word(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : text.substr(0, most)) out += c > 0x20 && c < 0x7f ? c : '?';
  return out.empty() ? "-" : out;
}

// The width of the character that begins at `at`, so that none is cut in two.
std::size_t width_at(std::string_view text, std::size_t at) {
  std::size_t width = 1;
  while (at + width < text.size() &&
         (static_cast<unsigned char>(text[at + width]) & 0xc0) == 0x80 && width < 4) {
    ++width;
  }
  return width;
}

char digit(unsigned value) {
  return static_cast<char>('0' + value);
}

}  // namespace

SyslogFormat::SyslogFormat(const SyslogFormatOptions& options)
    : options_(options),
      host_and_app_(word(options.host, kMaxHost) + ' ' + word(options.app, kMaxApp)) {}

// Events come in the order of their time: most are of the same second as the one before.
void SyslogFormat::set_second(std::uint64_t second) {
  char text[80];
  const auto seconds = static_cast<std::time_t>(second);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
  stamp_ = text;
  second_ = second;
}

void SyslogFormat::start(const buffer::FrameHeader& frame) {
  constexpr std::uint64_t kNsPerSecond = 1'000'000'000;
  const std::uint64_t second = frame.time_ns / kNsPerSecond;
  if (second != second_) set_second(second);
  const auto ms = static_cast<unsigned>(frame.time_ns % kNsPerSecond / 1'000'000);
  const char fraction[] = {digit(ms / 100), digit(ms / 10 % 10), digit(ms % 10), 'Z', ' '};
  message_ = '<';
  message_ += std::to_string(options_.facility * 8u + frame.severity);
  message_ += ">1 ";
  message_ += stamp_;
  message_.append(fraction, sizeof fraction);
  message_ += host_and_app_;
  uid_.clear();
  append_uid(uid_, frame.event_uid);
  // 32473 is the number that RFC 5612 gives to examples; sorrel has none of its own.
  message_ += " - audit [event@32473 uid=\"";
  message_ += uid_;
  message_ += "\"] ";
  header_size_ = message_.size();
  room_ = std::max(kLeastRoom, options_.max_message_bytes > header_size_
                                   ? options_.max_message_bytes - header_size_
                                   : 0);
}

std::string_view SyslogFormat::with_header(std::string_view text) {
  message_.resize(header_size_);
  message_ += text;
  return message_;
}

void SyslogFormat::split(std::string_view json) {
  // What stands around a piece, with room for the two numbers.
  constexpr std::size_t kAround =
      std::string_view(R"({"EVENT_UID":"","PART":,"PARTS":,"JSON":""})").size() + 20;
  const std::size_t around = kAround + uid_.size();
  const std::size_t most = room_ > around + 8 ? room_ - around : 8;
  parts_.clear();
  parts_.emplace_back();
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t width = width_at(json, at);
    const char c = json[at];
    const bool needs_escape = c == '"' || c == '\\';
    if (parts_.back().size() + width + (needs_escape ? 1 : 0) > most) parts_.emplace_back();
    if (needs_escape) parts_.back() += '\\';
    parts_.back() += json.substr(at, width);
    at += width;
  }
}

std::string_view SyslogFormat::part_json(std::size_t part) {
  part_ = "{\"EVENT_UID\":\"" + uid_ + "\",\"PART\":" + std::to_string(part + 1) +
          ",\"PARTS\":" + std::to_string(parts_.size()) + ",\"JSON\":\"" + parts_[part] + "\"}";
  return part_;
}

}  // namespace sorrel::sink
