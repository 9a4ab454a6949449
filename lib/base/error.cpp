#include "base/error.h"

namespace sorrel {

std::string Error::to_string() const {
  if (!code || code == std::errc::invalid_argument) return message;
  return message + ": " + code.message();
}

}  // namespace sorrel
