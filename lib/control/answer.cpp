#include "control/answer.h"

#include "base/check.h"
#include "control/json_text.h"
#include "control/request.h"

namespace sorrel::control {

std::string error_line(std::string_view code, std::string_view message) {
  std::string line = "{\"error\":{\"code\":";
  append_json_string(line, code);
  line += ",\"message\":";
  append_json_string(line, message);
  return line + "},\"schema\":" + std::to_string(kSchema) + "}\n";
}

Sent Answer::row(std::string_view json) {
  if (!is_open()) return Sent::gone;
  // A row that is larger than the whole queue goes alone.
  if (!queue_.empty() && queue_.size() + json.size() + 1 > queue_bytes_) return Sent::not_now;
  SORREL_CHECK(json.find('\n') == std::string_view::npos, "a row is one line");
  queue_ += json;
  queue_ += '\n';
  ++rows_;
  if (wake_) wake_();
  return Sent::taken;
}

void Answer::finish(std::string_view members) {
  std::string line =
      "{\"done\":true,\"schema\":" + std::to_string(kSchema) + ",\"rows\":" + std::to_string(rows_);
  if (!members.empty()) (line += ',') += members;
  end(line + "}\n");
}

void Answer::fail(std::string_view code, std::string_view message) {
  end(error_line(code, message));
}

void Answer::end(const std::string& line) {
  if (!is_open()) return;
  queue_ += line;
  has_ended_ = true;
  ready_ = nullptr;
  if (wake_) wake_();
}

void Answer::take(std::string& bytes) noexcept {
  queue_.swap(bytes);
}

void Answer::tell_ready() {
  if (const auto work = std::exchange(ready_, nullptr)) work();
}

void Answer::hang_up() {
  if (std::exchange(is_gone_, true)) return;
  wake_ = nullptr;
  tell_ready();
}

void Answer::abandon() noexcept {
  is_gone_ = true;
  wake_ = nullptr;
  ready_ = nullptr;
}

Responder::~Responder() {
  answer_->fail("internal", "the request was dropped unanswered; please report it");
}

}  // namespace sorrel::control
