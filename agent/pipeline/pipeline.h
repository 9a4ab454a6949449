#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "buffer/frame.h"
#include "encode/json.h"
#include "encode/raw.h"
#include "event/assembler.h"
#include "event/event_uid.h"
#include "event/loss.h"
#include "event/options.h"
#include "event/serial_holes.h"
#include "input/source.h"
#include "pipeline/annotator.h"
#include "pipeline/event_filter.h"
#include "pipeline/hold_queue.h"
#include "sink/sink.h"

namespace sorrel::agent {

// One output's share of a sink: its bit in a frame's mask of outputs, and what it wants.
struct Wish {
  std::uint64_t bit = 1;
  std::shared_ptr<const EventFilter> filter;  // null: all events
};

// Where the encoded events of one format go. A sink that serves several outputs (the buffer) has a
// wish for each; it gets the frames that at least one of them wants.
struct Output {
  buffer::Format format = buffer::Format::json;
  sink::Sink* sink = nullptr;  // outlives the pipeline
  std::vector<Wish> wishes = {Wish{}};
};

struct PipelineOptions {
  event::Options event;
  event::TimeBase time_base = event::TimeBase::live;
  encode::Options encode;
  std::string node;     // for events that bring none
  std::string host_id;  // with boot_id: what EVENT_UID is made of; see event::EventUid
  std::string boot_id;
  bool judge_holes = false;  // the input has every serial: report what is missing
  HoldOptions hold;
};

struct PipelineCounters {
  Counter json_bytes;
  Counter raw_bytes;
  Counter heartbeats;                // of ours, recognised and not put out
  Counter lost[event::kLossCauses];  // by cause, as reported
};

// The way of an event between an input and the sinks, as plain calls on one thread:
// assemble, annotate, encode once a format, hand the frames on in batches.
class Pipeline final : public event::EventHandler {
 public:
  // `annotator` may be null; it and the sinks must outlive the pipeline.
  Pipeline(const PipelineOptions& options, Annotator* annotator, std::vector<Output> outputs);
  ~Pipeline() override;

  // Takes a batch in. Frames are written when enough of them have gathered; see write_out().
  void process(const input::Batch& batch);
  // The monotonic and the real clock, before process() and when idle. Stored input has a time of
  // its own; for it, the real clock only stamps what emit_own() makes.
  void set_time(std::uint64_t monotonic_ns, std::uint64_t realtime_ns);
  // Releases what has waited long enough, and judges holes. Call at next_deadline_ns() or before.
  void release_due();
  // Live input: the monotonic time at which something is due; UINT64_MAX when nothing waits.
  std::uint64_t next_deadline_ns() const noexcept;
  // Gives the frames gathered so far to the sinks: at the end of each live batch.
  void write_out();
  // The input has ended: everything in flight goes out.
  void finish();

  // Puts an event of ours into the stream: SORREL_*, or DAEMON_* in auditd's shape. `body` is
  // "key=value ..." with values quoted where they need it.
  void emit_own(record::RecordType type, std::string_view body);
  // SORREL_EXE_HASH: the hash of a program that an event before was about.
  void emit_exe_hash(const LateAnswer& hash);
  // Counts a loss and reports it as SORREL_LOSS.
  void report_loss(const event::LossReport& loss);
  // Records that hold this text are our own heartbeats: counted, not put out. Empty: none are.
  void set_heartbeat_mark(std::string mark) { heartbeat_mark_ = std::move(mark); }

  // Called with each event that begins with a CONFIG_CHANGE record, before it is put out.
  void on_config_change(std::function<void(const event::Event&)> tell) {
    config_change_ = std::move(tell);
  }

  // Takes in what the annotator has learned from the host, and puts out the events that waited for
  // it. Call when the annotator may have answers; set_time() before.
  void take_answers();
  bool has_answers() const { return annotator_ != nullptr && annotator_->has_answers(); }

  // Goes on with other encoders, annotator and outputs (a reload); frames gathered so far go to the
  // old outputs first. Events in assembly stay. Of `options` only encode and node are taken.
  void reconfigure(const PipelineOptions& options, Annotator* annotator,
                   std::vector<Output> outputs);
  // Events that wait for an answer do so no longer, and all frames go to the sinks: what is emitted
  // next comes behind them.
  void put_out_all();
  // Once a second: the sinks' own housekeeping; reports of what the limits of assembly have cut.
  void tick();
  void reopen_sinks();

  event::SerialHoles& holes() noexcept { return holes_; }
  // Whether the input has every serial (a recording among log files does, they do not).
  void judge_holes(bool judge) noexcept { judges_holes_ = judge; }
  const event::AssemblerCounters& assembler_counters() const noexcept {
    return assembler_.counters();
  }
  const PipelineCounters& counters() const noexcept { return counters_; }
  const HoldCounters& hold_counters() const noexcept { return hold_.counters(); }
  // The answer of a sink that will never deliver again, once one has said so.
  bool sink_failed() const noexcept { return sink_failed_; }

 private:
  void on_event(event::Event& event) override;
  void on_unparsed(const record::Datagram& datagram) override;
  void on_started(const EventId& id, record::RecordType type, std::uint64_t received_ns) override;
  bool is_heartbeat(const event::Event& event) const;
  bool must_wait(event::Event& event);
  void put_out(event::Event& event);
  void release_held(std::uint64_t now_ns);
  // The bits of the outputs of a format that want the event.
  std::uint64_t outputs_for(const event::Event& event, buffer::Format format) const {
    return has_filters_ ? outputs_by_filter(event, format) : ~std::uint64_t{0};
  }
  std::uint64_t outputs_by_filter(const event::Event& event, buffer::Format format) const;
  void append_json(const event::Event& event, const Hash128& uid, std::uint64_t bits);
  void append_raw(const event::Event& event, const Hash128& uid, std::uint64_t bits);
  void write_batch(buffer::FrameBatch& batch, buffer::Format format);
  const buffer::FrameBatch& wanted_part(const buffer::FrameBatch& batch, const Output& output);
  void report_holes();
  void report_limits();

  void set_outputs(std::vector<Output> outputs);
  bool is_live() const noexcept { return options_.time_base == event::TimeBase::live; }

  const PipelineOptions options_;
  Annotator* annotator_;
  bool judges_holes_;
  std::vector<Output> outputs_;
  bool wants_json_ = false;
  bool wants_raw_ = false;
  bool has_filters_ = false;
  buffer::FrameBatch part_;  // of a batch, for a sink that does not want all of it
  bool sink_failed_ = false;
  event::EventUid uids_;
  // Never empty; optional, so that reconfigure() can make them anew in their place.
  std::optional<encode::JsonEncoder> json_;
  std::optional<encode::RawEncoder> raw_;
  buffer::FrameBatch json_batch_;
  buffer::FrameBatch raw_batch_;
  event::SerialHoles holes_;
  HoldQueue hold_;
  PipelineCounters counters_;
  std::string heartbeat_mark_;
  std::function<void(const event::Event&)> config_change_;
  std::uint64_t reported_dropped_ = 0;
  std::uint64_t reported_evicted_ = 0;
  std::uint64_t last_tick_ns_ = 0;
  std::uint64_t now_ns_ = 0;       // monotonic; live input only
  std::uint64_t realtime_ns_ = 0;  // of the input: the receive clock
  std::uint64_t wall_ns_ = 0;      // as set_time() had it last
  std::uint64_t own_serial_ = 0;
  event::Assembler assembler_;  // last: it calls the rest
};

}  // namespace sorrel::agent
