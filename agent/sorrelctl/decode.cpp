#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "base/clock.h"
#include "commands.h"
#include "config/load.h"
#include "decode_options.h"
#include "input/chain_source.h"
#include "input/rotation_order.h"
#include "pipeline/enrichment.h"
#include "pipeline/pipeline.h"
#include "progress.h"
#include "sink/file_sink.h"

namespace sorrel::sorrelctl {
namespace {

int fail_with(const Error& error, int status) {
  std::fprintf(stderr, "sorrelctl decode: %s\n", error.to_string().c_str());
  return status;
}

// The command line goes before the configuration.
agent::PipelineOptions pipeline_options(const DecodeOptions& options,
                                        const config::Options& config) {
  agent::PipelineOptions pipeline;
  pipeline.event = config.event;
  pipeline.time_base = event::TimeBase::stored;
  pipeline.encode = config.encode;
  pipeline.encode.eoe = options.eoe || config.encode.eoe;
  pipeline.encode.socket_addresses = options.enrich && config.encode.socket_addresses;
  pipeline.node = options.node;
  // Of the configured kinds of node only a fixed text is not a look at this machine.
  if (pipeline.node.empty() && config.node.kind == config::NodeKind::fixed)
    pipeline.node = config.node.text;
  pipeline.host_id = options.host_id;
  pipeline.boot_id = options.boot_id;
  return pipeline;
}

Result<config::Options> load_config(const DecodeOptions& options) {
  if (options.config.empty()) return config::Options{};
  return config::load_file(options.config);
}

Result<std::unique_ptr<input::ChainSource>> open_files(const DecodeOptions& options,
                                                       const config::Options& config) {
  Result<std::vector<std::string>> files = input::rotation_order(options.files);
  if (!files) return Unexpected<Error>(std::move(files).error());
  return input::ChainSource::open(*std::move(files),
                                  {.max_line_bytes = config.input.max_line_bytes});
}

Result<std::unique_ptr<sink::FileSink>> open_output(sink::Storage& storage, const Clock& clock) {
  sink::FileOptions output;
  output.path = "-";
  Result<std::unique_ptr<sink::FileSink>> sink = sink::FileSink::create(output, storage, clock);
  // A reader that has seen enough (head) ends us without a word, as it ends cat.
  std::signal(SIGPIPE, SIG_DFL);
  return sink;
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
    pipeline.judge_holes(source.has_every_serial());
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
  const Result<config::Options> config = load_config(*options);
  if (!config) return fail_with(config.error(), kExitUsage);
  const Result<std::unique_ptr<input::ChainSource>> source = open_files(*options, *config);
  if (!source) return fail_with(source.error(), kExitFailed);
  const enrich::Options enrich = options->enrich ? config->enrich : enrich::Options::none();
  agent::ProcessKnowledge knowledge(enrich.processes);
  agent::EnrichmentCounters enrichment_counters;
  const Result<std::unique_ptr<agent::Annotator>> annotator =
      agent::make_annotator(enrich, options->root, knowledge, enrichment_counters);
  if (!annotator) return fail_with(annotator.error(), kExitFailed);
  sink::SystemStorage storage;
  const SystemClock clock;
  const Result<std::unique_ptr<sink::FileSink>> sink = open_output(storage, clock);
  if (!sink) return fail_with(sink.error(), kExitFailed);

  agent::Pipeline pipeline(pipeline_options(*options, *config), annotator->get(),
                           {{options->format, sink->get()}});
  const int status = pump(**source, pipeline, options->progress);
  if (options->stats) print_stats(pipeline, **source);
  return status;
}

}  // namespace sorrel::sorrelctl
