// The texts of passwd and group, with a zero byte between them.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "host/user_db.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sorrel::host;
  // In a block of its own: no byte behind it may be read.
  const auto bytes = std::make_unique<char[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(bytes.get(), size);
  const std::size_t end = std::min(text.find('\0'), size);
  const UserDb db = UserDb::parse(text.substr(0, end), text.substr(std::min(end + 1, size)));
  for (std::uint32_t uid = 0; uid < 20; ++uid) {
    const auto name = db.user_name(uid);
    SORREL_CHECK(!name || db.user_id(*name).has_value(), "a name without its id");
    const auto groups = db.groups_of(uid);
    SORREL_CHECK(groups.empty() || name, "groups of nobody");
    SORREL_CHECK(groups.size() <= UserDb::kMaxGroupsOfUser, "too many groups");
  }
  return 0;
}
