#include "pipeline/pipeline.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/hex.h"
#include "enrich/record_editor.h"

namespace sorrel::agent {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || static_cast<unsigned char>(c) < 0x20 ? '\'' : c;
  return out += '"';
}

}  // namespace

Pipeline::Pipeline(const PipelineOptions& options, Annotator* annotator,
                   std::vector<Output> outputs)
    : options_(options),
      annotator_(annotator),
      judges_holes_(options.judge_holes),
      uids_(options.host_id, options.boot_id, options.node),
      json_(std::in_place, options.encode, options.node),
      raw_(std::in_place, options.encode.eoe),
      holes_({.timeout_ms = options.event.timeout_ms}),
      hold_(options.hold),
      assembler_(options.event, options.time_base, *this) {
  set_outputs(std::move(outputs));
}

Pipeline::~Pipeline() = default;

void Pipeline::reconfigure(const PipelineOptions& options, Annotator* annotator,
                           std::vector<Output> outputs) {
  put_out_all();
  json_.emplace(options.encode, options.node);
  raw_.emplace(options.encode.eoe);
  annotator_ = annotator;
  set_outputs(std::move(outputs));
}

void Pipeline::put_out_all() {
  release_held(UINT64_MAX);
  write_out();
}

void Pipeline::tick() {
  report_limits();
  if (annotator_ != nullptr) annotator_->tick(realtime_ns_);
  for (const Output& output : outputs_) output.sink->tick();
}

void Pipeline::report_limits() {
  const event::AssemblerCounters& counters = assembler_.counters();
  const auto report = [&](event::LossCause cause, std::uint64_t count, std::uint64_t& reported,
                          const char* detail) {
    if (count == reported) return;
    report_loss({cause, count - reported, last_tick_ns_, wall_ns_, detail});
    reported = count;
  };
  report(event::LossCause::size, counters.dropped_records.value(), reported_dropped_,
         "records beyond the limits of one event");
  report(event::LossCause::evicted, counters.evicted.value(), reported_evicted_,
         "events released unfinished: too many, or too large, in flight");
  last_tick_ns_ = wall_ns_;
}

void Pipeline::reopen_sinks() {
  write_out();
  for (const Output& output : outputs_) output.sink->reopen();
}

void Pipeline::process(const input::Batch& batch) {
  for (const record::Datagram& datagram : batch) assembler_.add(datagram);
  if (annotator_ != nullptr) annotator_->end_of_batch();
  if (is_live()) {
    // Here too: under load many batches come before the thread looks at anything else.
    if (has_answers()) take_answers();
    if (hold_.next_deadline_ns() <= now_ns_) release_held(now_ns_);
    return;
  }
  if (!judges_holes_) return;
  holes_.advance(realtime_ns_);
  report_holes();
}

void Pipeline::set_time(std::uint64_t monotonic_ns, std::uint64_t realtime_ns) {
  wall_ns_ = realtime_ns;
  if (!is_live()) return;
  now_ns_ = monotonic_ns;
  assembler_.set_time(monotonic_ns);
  realtime_ns_ = realtime_ns;
}

std::uint64_t Pipeline::next_deadline_ns() const noexcept {
  if (!is_live()) return UINT64_MAX;
  return std::min(assembler_.next_deadline_ns(), hold_.next_deadline_ns());
}

void Pipeline::release_due() {
  assembler_.release_due();
  if (annotator_ != nullptr) annotator_->end_of_batch();
  release_held(now_ns_);
  if (!judges_holes_ || !is_live()) return;
  holes_.advance(realtime_ns_);
  report_holes();
}

void Pipeline::finish() {
  assembler_.flush();
  take_answers();
  release_held(UINT64_MAX);
  if (judges_holes_) {
    holes_.finish(realtime_ns_);
    report_holes();
  }
  write_out();
}

void Pipeline::on_started(const EventId& id, record::RecordType type, std::uint64_t received_ns) {
  if (type >= record::type::kFirstOwn) return;
  // A file's time is what its records say.
  const std::uint64_t time_ns =
      received_ns != 0 || is_live() ? received_ns : id.time_ms() * kMillisecond;
  realtime_ns_ = std::max(realtime_ns_, time_ns);
  if (judges_holes_) holes_.record(type, id, received_ns);
}

void Pipeline::report_holes() {
  while (const std::optional<event::LossReport> loss = holes_.take_report()) report_loss(*loss);
}

void Pipeline::report_loss(const event::LossReport& loss) {
  counters_.lost[static_cast<std::size_t>(loss.cause)].add(loss.count);
  const auto stamp = [](std::uint64_t ns) {
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(), text.size(), "%llu.%03llu",
                                   static_cast<unsigned long long>(ns / 1'000'000'000),
                                   static_cast<unsigned long long>(ns / kMillisecond % 1000));
    return std::string(text.data(), static_cast<std::size_t>(size));
  };
  std::string body =
      "cause=" + std::string(event::loss_cause_name(loss.cause)) +
      " count=" + std::to_string(loss.count) +
      " unit=" + (event::loss_unit(loss.cause) == event::LossUnit::events ? "events" : "records") +
      " since=" + stamp(loss.since_ns) + " until=" + stamp(loss.until_ns);
  if (!loss.detail.empty()) body += " detail=" + quoted(loss.detail);
  emit_own(record::type::kSorrelLoss, body);
}

void Pipeline::emit_own(record::RecordType type, std::string_view body) {
  const std::uint64_t now_ns = wall_ns_ != 0 ? wall_ns_ : realtime_ns_;
  std::string payload = "audit(" + std::to_string(now_ns / 1'000'000'000) + '.';
  const std::string milliseconds = std::to_string(1000 + now_ns / kMillisecond % 1000);
  payload.append(milliseconds, 1, 3).append(":").append(std::to_string(++own_serial_));
  payload.append("): ").append(body);
  record::Datagram datagram;
  datagram.type = type;
  datagram.payload = payload;
  // Not part of a stored input: its time must not move on to now.
  if (!is_live()) datagram.received_ns = 1;
  assembler_.add(datagram);
}

void Pipeline::emit_exe_hash(const LateAnswer& hash) {
  std::string body = "event_id=" + hash.event_id + " pid=" + std::to_string(hash.pid) + " exe=";
  enrich::append_value(hash.exe, enrich::ValueForm::kernel, body);
  emit_own(record::type::kSorrelExeHash, body + " sha256=" + host::to_hex(hash.digest));
}

bool Pipeline::is_heartbeat(const event::Event& event) const {
  const event::Record& first = event.records().front();
  return first.type == record::type::kTrustedApp && !heartbeat_mark_.empty() &&
         first.body.find(heartbeat_mark_) != std::string_view::npos;
}

void Pipeline::on_event(event::Event& event) {
  if (is_heartbeat(event)) [[unlikely]] {
    counters_.heartbeats.add();
    return;
  }
  if (event.records().front().type == record::type::kConfigChange && config_change_) [[unlikely]] {
    config_change_(event);
  }
  if (annotator_ != nullptr) [[likely]] {
    if (must_wait(event)) return;
    annotator_->annotate(event, Annotator::Wait::none);
  }
  put_out(event);
}

// Events of stored input never wait: there is nobody to ask. An event of a process of which another
// one waits queues up behind that.
bool Pipeline::must_wait(event::Event& event) {
  Annotator::Lesson lesson = annotator_->learn(event);
  if (!is_live()) return false;
  if (lesson.ticket == 0 && (hold_.empty() || !hold_.holds(lesson.pid))) return false;
  if (hold_.push(event, lesson, now_ns_)) return true;
  // No room: it goes out without the answer; what waits of this process goes first, as the order
  // demands.
  if (lesson.ticket != 0) event.not_asked = true;
  if (hold_.holds(lesson.pid)) release_held(UINT64_MAX);
  return false;
}

void Pipeline::take_answers() {
  if (annotator_ == nullptr) return;
  bool any = false;
  while (const std::optional<Ticket> ticket = annotator_->next_answer()) {
    event::Event* const event = hold_.answered(*ticket);
    if (event == nullptr) {
      if (const auto late = annotator_->late_answer()) emit_exe_hash(*late);
      continue;
    }
    annotator_->annotate(*event, Annotator::Wait::answered);
    any = true;
  }
  if (any) release_held(now_ns_);
}

void Pipeline::release_held(std::uint64_t now_ns) {
  if (hold_.empty()) return;
  hold_.release(now_ns, [this](event::Event& event, Annotator::Wait wait) {
    if (wait != Annotator::Wait::answered) annotator_->annotate(event, wait);
    put_out(event);
  });
}

}  // namespace sorrel::agent
