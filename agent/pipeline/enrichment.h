#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/options.h"
#include "pipeline/pipeline.h"

namespace sorrel::agent {

// What annotates events as the configuration says; null when it says nothing. `root` is the folder
// whose etc/passwd and etc/group name the users, "/" on a live host; empty: users have no names.
// Errors: the folder, or one of the two files, cannot be read.
Result<std::unique_ptr<Annotator>> make_annotator(const enrich::Options& options,
                                                  const std::string& root);

}  // namespace sorrel::agent
