// The text of /proc/PID/cgroup.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "host/cgroup.h"

namespace {

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::host;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(bytes.get(), size);
  const CgroupInfo info = parse_cgroup(text);
  for (const std::string_view part : {info.container_id, info.unit, info.slice, info.session_scope,
                                      info.user_unit, info.inner_unit})
    SORREL_CHECK(lies_within(part, text), "a view beyond the text");
  for (const std::string_view service : info.services())
    SORREL_CHECK(lies_within(service, text), "a view beyond the text");
  SORREL_CHECK(info.container_id.empty() == (info.runtime == Runtime::none), "half a container");
  SORREL_CHECK(info.pod_uid().empty() || info.pod_uid().size() == 32 || info.pod_uid().size() == 36,
               "no uid");
  const auto name = std::make_unique<char[]>(size);
  SORREL_CHECK(unescape_unit(text, name.get()) <= size, "a name that has grown");
  return 0;
}
