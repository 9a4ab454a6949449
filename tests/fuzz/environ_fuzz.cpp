// The bytes of /proc/PID/environ.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "host/environment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::host;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const EnvironmentSelection selection({"PATH", "LD_*", "A*", ""});
  Environment environment;
  // Twice: what was there before must be gone.
  for (int i = 0; i < 2; ++i) {
    environment.fill({bytes.get(), size}, selection);
    std::size_t total = 0;
    std::uint32_t cut = 0;
    for (const Environment::Variable& variable : environment.variables()) {
      SORREL_CHECK(selection.matches(variable.name), "a variable that nobody chose");
      SORREL_CHECK(variable.value.find('\0') == std::string_view::npos, "two in one");
      total += variable.name.size() + variable.value.size();
      cut += variable.cut ? 1 : 0;
    }
    SORREL_CHECK(total <= Environment::kMaxBytes && total <= size, "more than there may be");
    SORREL_CHECK(cut == environment.cut(), "a wrong count");
  }
  return 0;
}
