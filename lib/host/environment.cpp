#include "host/environment.h"

#include <algorithm>

namespace sorrel::host {

EnvironmentSelection::EnvironmentSelection(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    const bool is_prefix = pattern.ends_with('*');
    patterns_.push_back({pattern.substr(0, pattern.size() - (is_prefix ? 1 : 0)), is_prefix});
  }
}

bool EnvironmentSelection::matches(std::string_view name) const noexcept {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
    return pattern.is_prefix ? name.starts_with(pattern.text) : name == pattern.text;
  });
}

void Environment::clear() noexcept {
  text_.clear();
  variables_.clear();
  dropped_ = 0;
  cut_ = 0;
}

void Environment::fill(std::string_view bytes, const EnvironmentSelection& selection) {
  clear();
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    const std::string_view entry = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const std::size_t equals = entry.find('=');
    if (equals == entry.npos || equals == 0) continue;
    const std::string_view name = entry.substr(0, equals);
    if (selection.matches(name)) add(name, entry.substr(equals + 1));
  }
}

void Environment::add(std::string_view name, std::string_view value) {
  // All of it at once: the views must stay where they point to.
  if (text_.capacity() < kMaxBytes) {
    text_.reserve(kMaxBytes);
    variables_.reserve(kMaxVariables);
  }
  const std::size_t room = kMaxBytes - text_.size();
  if (variables_.size() == kMaxVariables || name.size() >= room) {
    ++dropped_;
    return;
  }
  const std::size_t value_size = std::min({value.size(), kMaxValueBytes, room - name.size()});
  const char* const at = text_.data() + text_.size();
  text_ += name;
  text_ += value.substr(0, value_size);
  const bool cut = value_size < value.size();
  if (cut) ++cut_;
  variables_.push_back({{at, name.size()}, {at + name.size(), value_size}, cut});
}

}  // namespace sorrel::host
