#include <cstdio>
#include <memory>
#include <string>

#include "base/clock.h"
#include "commands.h"
#include "decode_options.h"
#include "input/chain_source.h"
#include "input/rotation_order.h"
#include "pipeline/pipeline.h"
#include "progress.h"
#include "sink/file_sink.h"

namespace sorrel::sorrelctl {
namespace {

int fail_with(const Error& error, int status) {
  std::fprintf(stderr, "sorrelctl decode: %s\n", error.to_string().c_str());
  return status;
}

agent::PipelineOptions pipeline_options(const DecodeOptions& options) {
  agent::PipelineOptions pipeline;
  pipeline.time_base = event::TimeBase::stored;
  pipeline.node = options.node;
  pipeline.host_id = options.host_id;
  pipeline.boot_id = options.boot_id;
  pipeline.encode.eoe = options.eoe;
  pipeline.encode.socket_addresses = options.enrich;
  return pipeline;
}

void print_stats(const agent::Pipeline& pipeline, const input::FileSource& source) {
  const event::AssemblerCounters& events = pipeline.assembler_counters();
  const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::uint64_t lost = 0;
  for (const Counter& cause : pipeline.counters().lost) lost += cause.value();
  std::fprintf(stderr,
               "{\"events\":%llu,\"records\":%llu,\"unparsed\":%llu,\"incomplete\":%llu,"
               "\"dropped_records\":%llu,\"lost\":%llu,\"cut_lines\":%llu,\"bytes_in\":%llu,"
               "\"bytes_out\":%llu}\n",
               n(events.events.value()), n(events.records.value()), n(events.unparsed.value()),
               n(events.timed_out.value() + events.evicted.value() + events.ended.value()),
               n(events.dropped_records.value()), n(lost), n(source.counts().cut_lines),
               n(source.progress().bytes_read),
               n(pipeline.counters().json_bytes.value() + pipeline.counters().raw_bytes.value()));
}

// Reads everything; returns the exit status. A file that breaks off does not end the others.
int pump(input::FileSource& source, agent::Pipeline& pipeline, bool show_progress) {
  int status = kExitOk;
  input::Batch batch;
  ProgressLine progress(show_progress);
  for (;;) {
    const Result<input::ReadState> state = source.read(batch);
    pipeline.process(batch);
    progress.update(source.progress(), pipeline.assembler_counters().events.value());
    if (!state) status = fail_with(state.error(), kExitFailed);
    if (state && *state == input::ReadState::ended) break;
    if (pipeline.sink_failed()) return kExitFailed;
  }
  pipeline.finish();
  return pipeline.sink_failed() ? kExitFailed : status;
}

}  // namespace

int run_decode(int argc, char** argv) {
  const Result<DecodeOptions> options = parse_decode_options(argc, argv);
  if (!options) {
    fail_with(options.error(), kExitUsage);
    std::fputs("'sorrelctl decode --help' tells more.\n", stderr);
    return kExitUsage;
  }
  if (options->help) {
    std::fputs(kDecodeHelp, stdout);
    return kExitOk;
  }
  const Result<std::vector<std::string>> files = input::rotation_order(options->files);
  if (!files) return fail_with(files.error(), kExitFailed);
  Result<std::unique_ptr<input::ChainSource>> source = input::ChainSource::open(*files);
  if (!source) return fail_with(source.error(), kExitFailed);

  sink::SystemStorage storage;
  const SystemClock clock;
  sink::FileOptions output;
  output.path = "-";
  Result<std::unique_ptr<sink::FileSink>> sink = sink::FileSink::create(output, storage, clock);
  if (!sink) return fail_with(sink.error(), kExitFailed);

  agent::Pipeline pipeline(pipeline_options(*options), nullptr, {{options->format, sink->get()}});
  const int status = pump(**source, pipeline, options->progress);
  if (options->stats) print_stats(pipeline, **source);
  return status;
}

}  // namespace sorrel::sorrelctl
