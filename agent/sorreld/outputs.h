#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/options.h"
#include "pipeline/pipeline.h"
#include "sink/file_sink.h"
#include "sink/file_storage.h"
#include "sorreld/privileges.h"

namespace sorrel::agent {

// What an output wants of the events. `bit`: its place in a frame's mask.
// Errors: there is no type of record of a name in its list.
Result<Wish> wish_of(const config::OutputOptions& options, std::uint64_t bit);

// An output of the configuration to a file, open.
struct OpenOutput {
  config::OutputOptions options;
  std::shared_ptr<sink::FileSink> sink;
  Wish wish = {};
};
using OpenOutputs = std::vector<OpenOutput>;

// Opens what `wanted` names; what ships to a collector is not its business. An output of `current`
// with the same options is taken as it is. Files without an owner belong to `account`, whom the
// daemon becomes, so that it can go on with them. `storage` and `clock` outlive the sinks. Errors:
// one that cannot be opened; nothing is kept then.
Result<OpenOutputs> open_outputs(const std::vector<config::OutputOptions>& wanted,
                                 const OpenOutputs& current, const std::optional<Account>& account,
                                 sink::Storage& storage, const Clock& clock);

// What the pipeline is given.
std::vector<Output> pipeline_outputs(const OpenOutputs& outputs);

// Finds the files that were rotated since the last look.
class RotationWatch {
 public:
  void watch(const OpenOutputs& outputs);
  // The paths; of an output that rotated several times, once.
  std::vector<std::string> look();

 private:
  struct Watched {
    OpenOutput output;
    std::uint64_t rotations = 0;
  };
  std::vector<Watched> watched_;
};

}  // namespace sorrel::agent
