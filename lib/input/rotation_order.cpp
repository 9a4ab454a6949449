#include "input/rotation_order.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <tuple>

namespace sorrel::input {
namespace {

constexpr std::string_view kLogName = "audit.log";
constexpr std::array<std::string_view, 3> kPackedSuffixes{".gz", ".xz", ".zst"};
constexpr std::size_t kMinDateDigits = 8;     // 20240131
constexpr std::size_t kMaxSuffixDigits = 14;  // 20240131235959

enum class Age : std::uint8_t { dated, numbered, current };  // in the order of reading

struct LogFile {
  std::string path;
  std::string family;  // the path without suffixes
  Age age = Age::current;
  std::uint64_t number = 0;

  // Ascending is the order of reading.
  std::tuple<Age, std::uint64_t> key() const noexcept {
    return {age, age == Age::numbered ? ~number : number};
  }
};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

LogFile classify(const std::string& path) {
  std::string_view rest = path;
  for (const std::string_view suffix : kPackedSuffixes) {
    if (!rest.ends_with(suffix)) continue;
    rest.remove_suffix(suffix.size());
    break;
  }
  LogFile file{.path = path, .family = std::string(rest)};
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[rest.size() - 1 - digits])) ++digits;
  if (digits == 0 || digits > kMaxSuffixDigits || digits + 1 >= rest.size()) return file;
  const char separator = rest[rest.size() - 1 - digits];
  const bool date = digits >= kMinDateDigits && (separator == '-' || separator == '.');
  if (!date && separator != '.') return file;
  for (const char digit : rest.substr(rest.size() - digits)) {
    file.number = file.number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  file.age = date ? Age::dated : Age::numbered;
  file.family = std::string(rest.substr(0, rest.size() - digits - 1));
  return file;
}

Result<std::vector<std::string>> logs_in_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  std::vector<std::string> found;
  const std::string wanted = (fs::path(folder) / kLogName).string();
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const std::string path = at->path().string();
    if (classify(path).family == wanted && !at->is_directory(code)) found.push_back(path);
  }
  if (code) return fail(code, folder + ": cannot list the folder; audit logs belong to root");
  if (found.empty()) {
    return fail(std::errc::no_such_file_or_directory,
                folder + ": no audit.log, audit.log.N or audit.log-DATE in it; name the files");
  }
  // The folder's own order is arbitrary; this makes the result the same each time.
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

Result<std::vector<std::string>> rotation_order(const std::vector<std::string>& paths) {
  std::vector<LogFile> files;
  const auto add = [&files](const std::string& path) {
    const auto same = [&path](const LogFile& file) { return file.path == path; };
    if (std::none_of(files.begin(), files.end(), same)) files.push_back(classify(path));
  };
  for (const std::string& path : paths) {
    std::error_code code;
    if (!std::filesystem::is_directory(path, code)) {
      add(path);
      continue;
    }
    auto found = logs_in_folder(path);
    if (!found) return found;
    for (const std::string& log : *found) add(log);
  }
  std::vector<std::string> ordered;
  while (!files.empty()) {
    // The lambda's own copy: the elements move while they are partitioned.
    const std::string family = files.front().family;
    const auto others = std::stable_partition(
        files.begin(), files.end(), [&](const LogFile& file) { return file.family == family; });
    std::stable_sort(files.begin(), others,
                     [](const LogFile& a, const LogFile& b) { return a.key() < b.key(); });
    for (auto file = files.begin(); file != others; ++file) ordered.push_back(file->path);
    files.erase(files.begin(), others);
  }
  return ordered;
}

}  // namespace sorrel::input
