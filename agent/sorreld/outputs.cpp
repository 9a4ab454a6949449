#include "sorreld/outputs.h"

#include <utility>

namespace sorrel::agent {

Result<std::unique_ptr<Outputs>> Outputs::open(const std::vector<config::OutputOptions>& options,
                                               sink::Storage& storage, const Clock& clock) {
  auto outputs = std::make_unique<Outputs>();
  for (const config::OutputOptions& output : options) {
    Result<std::unique_ptr<sink::FileSink>> sink =
        sink::FileSink::create(output.file, storage, clock);
    if (!sink) {
      Error error = std::move(sink).error();
      error.message = "output '" + output.name + "': " + error.message;
      return Unexpected<Error>(std::move(error));
    }
    outputs->entries_.push_back({output.format, *std::move(sink)});
  }
  return outputs;
}

std::vector<Output> Outputs::list() const {
  std::vector<Output> list;
  for (const Entry& entry : entries_) list.push_back({entry.format, entry.sink.get()});
  return list;
}

}  // namespace sorrel::agent
