#include "sorreld/outputs.h"

#include <algorithm>
#include <utility>

namespace sorrel::agent {
namespace {

sink::FileOptions owned_by(sink::FileOptions options, const std::optional<Account>& account) {
  if (!account || options.path == "-" || options.owner) return options;
  options.owner = account->name;
  return options;
}

}  // namespace

Result<OpenOutputs> open_outputs(const std::vector<config::OutputOptions>& wanted,
                                 const OpenOutputs& current, const std::optional<Account>& account,
                                 sink::Storage& storage, const Clock& clock) {
  OpenOutputs opened;
  for (const config::OutputOptions& options : wanted) {
    const auto same = std::find_if(current.begin(), current.end(), [&](const OpenOutput& output) {
      return output.options.file == options.file;
    });
    if (same != current.end()) {
      opened.push_back({.options = options, .sink = same->sink});
      continue;
    }
    auto sink = sink::FileSink::create(owned_by(options.file, account), storage, clock);
    if (!sink) {
      Error error = std::move(sink).error();
      error.message = "output " + options.name + ": " + error.message;
      return Unexpected<Error>(std::move(error));
    }
    opened.push_back({.options = options, .sink = *std::move(sink)});
  }
  return opened;
}

std::vector<Output> pipeline_outputs(const OpenOutputs& outputs) {
  std::vector<Output> given;
  given.reserve(outputs.size());
  for (const OpenOutput& output : outputs) {
    given.push_back({.format = output.options.format, .sink = output.sink.get()});
  }
  return given;
}

void RotationWatch::watch(const OpenOutputs& outputs) {
  watched_.clear();
  for (const OpenOutput& output : outputs) {
    watched_.push_back(
        {.output = output, .rotations = output.sink->statistics().rotations.value()});
  }
}

std::vector<std::string> RotationWatch::look() {
  std::vector<std::string> paths;
  for (Watched& watched : watched_) {
    const std::uint64_t rotations = watched.output.sink->statistics().rotations.value();
    if (std::exchange(watched.rotations, rotations) != rotations) {
      paths.push_back(watched.output.options.file.path);
    }
  }
  return paths;
}

}  // namespace sorrel::agent
