#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "input/file_source.h"

namespace sorrel::input {

// The records of one file: auditd's text or a recording, plain or packed as gzip, xz or zstd, all
// told by content. `path` "-" is standard input. Errors: it cannot be opened, or its first bytes
// cannot be read.
Result<std::unique_ptr<FileSource>> open_source(const std::string& path,
                                                const ReadLimits& limits = {});

// The same for a stream that is open already.
Result<std::unique_ptr<FileSource>> open_source(std::unique_ptr<ByteStream> stream,
                                                const ReadLimits& limits = {});

}  // namespace sorrel::input
