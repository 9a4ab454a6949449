#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sorrel::sorrelctl {

// What `sorrelctl status` shows of sorreld's row (docs/control.md, "status"): a few lines for
// people. Members that it does not have are left out. Errors: the row is not a JSON object.
Result<std::string> status_text(std::string_view row);

}  // namespace sorrel::sorrelctl
