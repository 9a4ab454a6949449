#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "config/options.h"
#include "pipeline/pipeline.h"
#include "sink/file_sink.h"
#include "sink/file_storage.h"

namespace sorrel::agent {

// The sinks of one configuration.
class Outputs {
 public:
  // Errors: an output that cannot be opened. `clock` and `storage` outlive it.
  static Result<std::unique_ptr<Outputs>> open(const std::vector<config::OutputOptions>& options,
                                               sink::Storage& storage, const Clock& clock);

  // For the pipeline; valid while this lives.
  std::vector<Output> list() const;

 private:
  struct Entry {
    buffer::Format format;
    std::unique_ptr<sink::FileSink> sink;
  };
  std::vector<Entry> entries_;
};

}  // namespace sorrel::agent
