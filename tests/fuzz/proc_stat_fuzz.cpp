// The texts of /proc/PID/stat, /proc/PID/status and /proc/stat.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "host/proc_stat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::host;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(bytes.get(), size);
  ProcStat stat;
  if (parse_proc_stat(text, stat)) {
    SORREL_CHECK(stat.comm.data() > text.data() &&
                     stat.comm.data() + stat.comm.size() < text.data() + text.size(),
                 "a name beyond the text");
    SORREL_CHECK(
        text.substr(stat.comm.size() + static_cast<std::size_t>(stat.comm.data() - text.data()))
                .find(')', 1) == text.npos,
        "a name that ends too early");
  }
  static_cast<void>(parse_boot_time(text));
  const NamespacePids pids = parse_namespace_pids(text);
  SORREL_CHECK(pids.depth <= size, "more pids than bytes");
  return 0;
}
