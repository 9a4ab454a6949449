#include "ruleset/rule_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "base/fd.h"
#include "ruleset/parser.h"
#include "ruleset/version_order.h"

namespace sorrel::ruleset {
namespace {

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  constexpr std::size_t kStep = std::size_t{64} << 10;
  while (true) {
    const std::size_t size = text.size();
    if (size > kMaxRuleFileBytes)
      return fail(std::errc::file_too_large, name + " has more than 16 MiB");
    text.resize(size + kStep);
    const ssize_t got = ::read(fd, text.data() + size, kStep);
    if (got < 0 && errno != EINTR) return fail_errno(errno, "cannot read " + name);
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
  }
}

Result<std::string> read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, "cannot open " + path);
  return read_all(fd.get(), path);
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

bool is_file(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// As auditctl refuses it: whoever may write there decides what is not seen.
void check_mode(const std::string& path, std::uint32_t file, Findings& findings) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IWOTH) == 0) return;
  if (!S_ISREG(status.st_mode)) return;
  findings.warning({file, 0, 0}, {"file-writable", "everybody may write to the file",
                                  "take the right away: chmod o-w " + path});
}

bool is_bare(const Statement& statement, Command command) {
  return statement.command == command && statement.words.empty() && statement.conditions.empty();
}

}  // namespace

Result<std::vector<std::string>> list_rule_files(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  if (!open) return fail_errno(errno, "cannot open the folder " + folder);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* const entry = ::readdir(open.get())) {
    const std::string name = entry->d_name;
    if (!name.starts_with('.') && name.ends_with(".rules") && is_file(folder + '/' + name))
      names.push_back(name);
    if (names.size() > kMaxRuleFiles)
      return fail(std::errc::file_too_large, folder + " has more than 10,000 files of rules");
    errno = 0;
  }
  if (errno != 0) return fail_errno(errno, "cannot read the folder " + folder);
  std::ranges::sort(names, version_less);
  for (std::string& name : names) name = folder + (folder.ends_with('/') ? "" : "/") + name;
  return names;
}

Status read_rules(const std::string& path, Script& script, Findings& findings) {
  if (path == "-") {
    Result<std::string> text = read_all(STDIN_FILENO, "standard input");
    if (!text) return Unexpected(std::move(text).error());
    parse_rules("-", *text, script, findings);
    return Ok{};
  }
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return fail_errno(errno, "cannot find " + path);
  std::vector<std::string> files{path};
  if (S_ISDIR(status.st_mode)) {
    Result<std::vector<std::string>> listed = list_rule_files(path);
    if (!listed) return Unexpected(std::move(listed).error());
    files = *std::move(listed);
  }
  const std::size_t first = script.statements.size();
  for (const std::string& file : files) {
    Result<std::string> text = read_file(file);
    if (!text) return Unexpected(std::move(text).error());
    check_mode(file, static_cast<std::uint32_t>(script.files.size()), findings);
    parse_rules(file, *text, script, findings);
  }
  if (S_ISDIR(status.st_mode)) hoist(script.statements, first);
  return Ok{};
}

void hoist(std::vector<Statement>& statements, std::size_t first) {
  std::optional<Statement> last[4];
  constexpr Command kHoisted[] = {Command::delete_all, Command::backlog_limit, Command::failure,
                                  Command::enabled};
  std::vector<Statement> rest;
  for (std::size_t i = first; i < statements.size(); ++i) {
    std::size_t kind = 0;
    while (kind < 4 && !is_bare(statements[i], kHoisted[kind])) ++kind;
    if (kind < 4) {
      last[kind] = std::move(statements[i]);
    } else {
      rest.push_back(std::move(statements[i]));
    }
  }
  statements.resize(first);
  for (std::size_t kind = 0; kind < 3; ++kind) {
    if (last[kind]) statements.push_back(*std::move(last[kind]));
  }
  std::ranges::move(rest, std::back_inserter(statements));
  if (last[3]) statements.push_back(*std::move(last[3]));
}

}  // namespace sorrel::ruleset
