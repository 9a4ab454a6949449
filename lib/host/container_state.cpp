#include "host/container_state.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "host/container_files.h"

namespace sorrel::host {
namespace {

// Ids become part of paths.
bool is_id(std::string_view id) {
  return id.size() == 64 &&
         std::all_of(id.begin(), id.end(), [](char c) { return hex_value(c) != kNotHex; });
}

}  // namespace

ContainerState::ContainerState(std::string root, const ContainerStateOptions& options)
    : options_(options),
      cache_(options.max_entries),
      files_(std::make_unique<Files>(std::move(root), options_, counters_)) {}

ContainerState::~ContainerState() = default;

const ContainerDetails* ContainerState::find(Runtime runtime, std::string_view id,
                                             std::uint64_t now_ms) {
  if (runtime == Runtime::none || !is_id(id)) return nullptr;
  const std::string key(id);
  if (const Entry* const entry = cache_.find(key); entry != nullptr && now_ms < entry->until_ms) {
    ++counters_.cache_hits;
    return entry->details.runtime == Runtime::none ? nullptr : &entry->details;
  }
  ContainerDetails details;
  const bool is_found = files_->read(runtime, key, details);
  if (!is_found) details = {};
  ++(is_found ? counters_.found : counters_.absent);
  const std::uint64_t age_ms = is_found ? options_.found_age_ms : options_.absent_age_ms;
  last_ = details;
  cache_.put(key, {std::move(details), now_ms + age_ms});
  return is_found ? &last_ : nullptr;
}

}  // namespace sorrel::host
