#pragma once

#include <cstdint>

#include "buffer/options.h"
#include "buffer/storage.h"

namespace sorrel::buffer {

// How many bytes the buffer must give up to keep within its quotas, of `used_bytes` that it has on
// the file system. 0: none.
std::uint64_t bytes_over_quota(const Options& options, std::uint64_t used_bytes,
                               const Space& space);

}  // namespace sorrel::buffer
