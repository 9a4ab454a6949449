#include "ruleset/real_path.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <string_view>

namespace sorrel::ruleset {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel: MAXSYMLINKS

// Where a link leads; empty for what is no link, nothing for what is not there.
std::optional<std::string> link_at(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size > 0) return std::string(target.data(), static_cast<std::size_t>(size));
  return errno == EINVAL ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace

std::string real_path_below(const std::string& root, const std::string& path) {
  const std::string base = root == "/" ? "" : root;
  std::string rest = path;  // what is still to be looked at
  std::string done;         // what has no link any more
  for (int links = 0; links <= kMaxLinks;) {
    const std::size_t begin = rest.find_first_not_of('/');
    if (begin == std::string::npos) return done.empty() ? "/" : done;
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    const std::string name = rest.substr(begin, end - begin);
    rest.erase(0, end);
    if (name == ".") continue;
    if (name == "..") {
      done.resize(done.empty() ? 0 : done.rfind('/'));
      continue;
    }
    const std::optional<std::string> link = link_at(base + done + '/' + name);
    if (!link) return "";
    if (link->empty()) {
      done += '/' + name;
      continue;
    }
    if (link->starts_with('/')) done.clear();
    rest = *link + rest;
    ++links;
  }
  return "";
}

}  // namespace sorrel::ruleset
