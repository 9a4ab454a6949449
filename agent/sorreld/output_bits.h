#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace sorrel::agent {

// The bit of each output in the mask of a frame, of 32. Frames on disk have masks, so an output
// keeps its bit as long as it is in the configuration, whatever comes and goes beside it: a file
// says which is whose ("BIT NAME", a line each). Returns the bits of `names`, in their order.
// Errors: the file cannot be read or written, or is not of this form.
Result<std::vector<std::uint64_t>> assign_output_bits(const std::string& path,
                                                      const std::vector<std::string>& names);

}  // namespace sorrel::agent
