#include <algorithm>

#include "config/scalar.h"
#include "config/tables.h"
#include "config/text.h"

namespace sorrel::config {
namespace {

// A key of JSON without escapes, that no store of events stumbles over.
bool is_key(std::string_view text) {
  constexpr std::size_t kMaxKey = 64;
  return text.size() <= kMaxKey && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.' || c == '@';
         });
}

constexpr std::string_view kWantedPrefix =
    "a prefix of up to 64 letters, digits, '_', '-', '.' and '@', such as e_";

std::string check_prefix(std::string_view text) {
  if (is_key(text)) return "";
  return "wanted " + std::string(kWantedPrefix) + ", found " + in_quotes(text);
}

// In upper case are the names of record types and the keys of ours, which it must not collide with.
constexpr std::string_view kWantedTimeKey =
    "TIME, or a key with a lower-case letter or @ in it, such as @timestamp";

std::string check_time_key(std::string_view text) {
  const bool distinct = std::any_of(text.begin(), text.end(),
                                    [](char c) { return (c >= 'a' && c <= 'z') || c == '@'; });
  if (text == "TIME" || (is_key(text) && distinct)) return "";
  return "wanted " + std::string(kWantedTimeKey) + ", found " + in_quotes(text);
}

constexpr TextForm kPrefix = {kWantedPrefix, check_prefix};
constexpr TextForm kTimeKey = {kWantedTimeKey, check_time_key};

}  // namespace

Value json_table(encode::Options& o) {
  return section({
      {"argv", flags({{"array", &o.argv_array}, {"string", &o.argv_string}})},
      {"argv_limit", bytes(o.argv_limit, 16, std::uint64_t{1} << 30, "never")},
      {"socket_addresses", yes_no(o.socket_addresses)},
      {"prefix", text(o.prefix, kPrefix)},
      {"time_key", text(o.time_key, kTimeKey)},
      {"host", text_map(o.host_fields)},
  });
}

Value raw_table(encode::Options& o) {
  return section({
      {"eoe", yes_no(o.eoe)},
  });
}

}  // namespace sorrel::config
