#include "host/user_db.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

#include "host/root_file.h"

namespace sorrel::host {
namespace {

constexpr std::string_view kUnsetName = "unset";

struct Line {
  std::string_view name;
  std::uint32_t id = 0;
};

// Takes what stands before the next colon; the whole rest when there is none.
std::string_view take_field(std::string_view& rest) {
  const std::size_t colon = rest.find(':');
  const std::string_view field = rest.substr(0, colon);
  rest.remove_prefix(colon == rest.npos ? rest.size() : colon + 1);
  return field;
}

bool is_name(std::string_view name) {
  // Names may hold any bytes but these; a byte above 0x7f is somebody's alphabet.
  return !name.empty() && name.size() <= UserDb::kMaxNameBytes &&
         std::none_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

// name:password:id, and what follows is of no interest here: the same in both files.
std::optional<Line> parse(std::string_view text) {
  Line line;
  line.name = take_field(text);
  take_field(text);
  const std::string_view id = take_field(text);
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), line.id);
  const bool is_id =
      error == std::errc() && end == id.data() + id.size() && line.id != UserDb::kUnset;
  if (!is_id || !is_name(line.name)) return std::nullopt;
  return line;
}

// Lines that name nobody: comments, and NIS's instructions (nsswitch.conf(5), compat).
bool is_skipped(std::string_view line) {
  return line.empty() || line[0] == '#' || line[0] == '+' || line[0] == '-';
}

void read_lines(std::string_view text, NameTable& table, UserFileReport& report) {
  std::uint64_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (is_skipped(line)) continue;
    const std::optional<Line> parsed = parse(line);
    if (!parsed) {
      if (report.malformed_lines++ == 0) report.first_malformed_line = number;
    } else if (!table.add(parsed->name, parsed->id)) {
      ++report.duplicate_lines;
    }
  }
  report.entries = table.size();
  if (report.malformed_lines != 0) {
    report.note = report.path + ":" + std::to_string(report.first_malformed_line) + ": " +
                  std::to_string(report.malformed_lines) +
                  " malformed lines are skipped, this is the first; their ids stay numbers";
  }
}

Status load_table(const std::string& root, NameTable& table, UserFileReport& report) {
  Result<std::string> text = read_root_file(root, report.path, UserDb::kMaxFileBytes);
  if (text) {
    read_lines(*text, table, report);
    return Ok{};
  }
  if (text.error().code != std::errc::no_such_file_or_directory) {
    return Unexpected<Error>(std::move(text).error());
  }
  report.note = report.path + " is missing under " + root + ": its ids stay numbers";
  return Ok{};
}

}  // namespace

Result<UserDb> UserDb::load(const std::string& root) {
  struct stat status {};
  if (::stat(root.c_str(), &status) != 0) {
    const int error = errno;
    return fail_errno(error, "cannot read users and groups under the root " + root);
  }
  if (!S_ISDIR(status.st_mode)) {
    return fail(std::errc::not_a_directory,
                "cannot read users and groups under the root " + root + "; give a folder");
  }
  UserDb db;
  db.users_report_.path = "/etc/passwd";
  db.groups_report_.path = "/etc/group";
  if (Status loaded = load_table(root, db.users_, db.users_report_); !loaded) {
    return Unexpected<Error>(std::move(loaded).error());
  }
  if (Status loaded = load_table(root, db.groups_, db.groups_report_); !loaded) {
    return Unexpected<Error>(std::move(loaded).error());
  }
  return db;
}

std::optional<std::string_view> UserDb::user_name(std::uint32_t uid) const noexcept {
  return uid == kUnset ? kUnsetName : users_.name(uid);
}

std::optional<std::string_view> UserDb::group_name(std::uint32_t gid) const noexcept {
  return gid == kUnset ? kUnsetName : groups_.name(gid);
}

std::optional<std::uint32_t> UserDb::user_id(std::string_view name) const noexcept {
  return users_.id(name);
}

std::optional<std::uint32_t> UserDb::group_id(std::string_view name) const noexcept {
  return groups_.id(name);
}

}  // namespace sorrel::host
