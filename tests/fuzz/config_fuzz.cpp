// Any bytes as a configuration: no crash, and what is accepted is printed so that it reads back the
// same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/load.h"
#include "config/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::config;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Checked checked = check_text("fuzz", text);
  for (const Problem& problem : checked.problems) {
    SORREL_CHECK(!problem.to_string().empty(), "a problem without a message");
  }
  if (checked.problems.empty()) {
    const auto again = load_text("printed", to_yaml(checked.options));
    SORREL_CHECK(again && *again == checked.options, "printed options differ when read back");
  }
  return 0;
}
