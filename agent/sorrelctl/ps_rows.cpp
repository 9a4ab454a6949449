#include "ps_rows.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>

#include <simdjson.h>

namespace sorrel::sorrelctl {
namespace {

namespace dom = simdjson::dom;

constexpr std::uint64_t kMsPerSecond = 1'000;

bool read_number(std::string_view text, std::uint64_t& number) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view text_of(dom::element value) noexcept {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// A number of 32 bits. False: it is something else.
bool read_id(dom::element value, std::uint32_t& id) noexcept {
  std::uint64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS) return false;
  if (number > std::numeric_limits<std::uint32_t>::max()) return false;
  id = static_cast<std::uint32_t>(number);
  return true;
}

void read_event(std::string_view text, PsKey& key) noexcept {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  std::uint64_t serial = 0;
  if (!read_number(text.substr(colon + 1), serial)) return;
  key.event_ms = moment_ms(text);
  key.event_serial = serial;
}

void read_parent(dom::element value, PsKey& parent) noexcept {
  dom::object map;
  if (value.get(map) != simdjson::SUCCESS) return;
  for (const auto& [name, member] : map) {
    if (name == "pid") read_id(member, parent.pid);
    if (name == "start") parent.start_ms = moment_ms(text_of(member));
    if (name == "event_id") read_event(text_of(member), parent);
  }
}

}  // namespace

class PsRows::Parser {
 public:
  dom::parser dom;
};

PsRows::PsRows() : parser_(std::make_unique<Parser>()) {}
PsRows::~PsRows() = default;

std::uint64_t moment_ms(std::string_view text) noexcept {
  // Enough for the year 9999; more would not fit into milliseconds for certain.
  constexpr std::uint64_t kMaxSeconds = 253'402'300'799;
  text = text.substr(0, text.find(':'));
  const std::size_t dot = text.find('.');
  std::uint64_t seconds = 0;
  std::uint64_t ms = 0;
  if (dot == std::string_view::npos || text.size() - dot != 4) return 0;
  if (!read_number(text.substr(0, dot), seconds) || !read_number(text.substr(dot + 1), ms))
    return 0;
  return seconds > kMaxSeconds ? 0 : seconds * kMsPerSecond + ms;
}

PsText PsRows::keep(std::string_view value) {
  const PsText part{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(value.size())};
  text_ += value;
  return part;
}

void PsRows::add(std::string_view json) {
  if (processes_.size() == kMaxRows || text_.size() + json.size() > kMaxTextBytes) {
    ++dropped_;
    return;
  }
  dom::object row;
  if (parser_->dom.parse(json.data(), json.size()).get(row) != simdjson::SUCCESS) {
    ++unreadable_;
    return;
  }
  PsProcess process;
  bool has_pid = false;
  dom::element login;
  bool has_login = false;
  // Keys that are not known are of a later version, and of no use here.
  for (const auto& [name, value] : row) {
    if (name == "pid") {
      has_pid = read_id(value, process.key.pid);
    } else if (name == "ppid") {
      read_id(value, process.ppid);
    } else if (name == "start") {
      process.key.start_ms = moment_ms(text_of(value));
    } else if (name == "event_id") {
      read_event(text_of(value), process.key);
      process.event_id = keep(text_of(value));
    } else if (name == "comm") {
      process.comm = keep(text_of(value));
    } else if (name == "exe") {
      process.exe = keep(text_of(value));
    } else if (name == "user") {
      process.user = keep(text_of(value));
    } else if (name == "auid") {
      login = value;
      has_login = true;
    } else if (name == "ses") {
      read_id(value, process.ses);
    } else if (name == "unit") {
      process.unit = keep(text_of(value));
    } else if (name == "container") {
      process.container = keep(text_of(value));
    } else if (name == "exited") {
      process.exited_ms = moment_ms(text_of(value));
    } else if (name == "parent") {
      read_parent(value, process.parent);
    }
  }
  if (!has_pid) {
    ++unreadable_;
    return;
  }
  std::uint32_t auid = 0;
  if (process.user.size == 0 && has_login && read_id(login, auid)) {
    process.user = keep(std::to_string(auid));
  }
  processes_.push_back(process);
}

void PsRows::sort() {
  std::sort(processes_.begin(), processes_.end(), [](const PsProcess& a, const PsProcess& b) {
    return std::tie(a.key.pid, a.key.start_ms, a.key.event_ms, a.key.event_serial) <
           std::tie(b.key.pid, b.key.start_ms, b.key.event_ms, b.key.event_serial);
  });
}

}  // namespace sorrel::sorrelctl
