#include "record/argument_key.h"

#include <charconv>

namespace sorrel::record {
namespace {

// Takes a number off the front of `text`.
bool take_number(std::string_view& text, std::uint32_t& number) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (digits > 1 && text.front() == '0') return false;
  text.remove_prefix(digits);
  return true;
}

}  // namespace

ArgumentKey parse_argument_key(std::string_view key) noexcept {
  ArgumentKey result;
  if (!key.starts_with('a')) return {};
  key.remove_prefix(1);
  if (!take_number(key, result.index)) return {};
  if (key.empty()) {
    result.kind = ArgumentKey::Kind::whole;
  } else if (key == "_len") {
    result.kind = ArgumentKey::Kind::length;
  } else {
    if (!key.starts_with('[')) return {};
    key.remove_prefix(1);
    if (!take_number(key, result.fragment) || key != "]") return {};
    result.kind = ArgumentKey::Kind::fragment;
  }
  return result;
}

}  // namespace sorrel::record
