#include "host/user_db.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>
#include <vector>

#include "host/root_file.h"

namespace sorrel::host {
namespace {

constexpr std::string_view kUnsetName = "unset";
constexpr const char* kPasswd = "/etc/passwd";
constexpr const char* kGroup = "/etc/group";

struct Line {
  std::string_view name;
  std::uint32_t id = 0;
  std::string_view rest;  // what follows the id
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

bool parse_id(std::string_view text, std::uint32_t& id) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() && id != UserDb::kUnset;
}

// name:password:id is the same in both files.
std::optional<Line> parse(std::string_view text) {
  Line line;
  line.name = take_field(text);
  take_field(text);
  const std::string_view id = take_field(text);
  line.rest = text;
  if (!parse_id(id, line.id) || !is_name(line.name)) return std::nullopt;
  return line;
}

// Lines that name nobody: comments, and NIS's instructions (nsswitch.conf(5), compat).
bool is_skipped(std::string_view line) {
  return line.empty() || line[0] == '#' || line[0] == '+' || line[0] == '-';
}

// `take` gets every line that is well-formed, the duplicates too.
template <class Take>
void read_lines(std::string_view text, NameTable& table, UserFileReport& report, Take take) {
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
      continue;
    }
    if (!table.add(parsed->name, parsed->id)) ++report.duplicate_lines;
    take(*parsed);
  }
  report.entries = table.size();
  if (report.malformed_lines != 0) {
    report.note = report.path + ":" + std::to_string(report.first_malformed_line) + ": " +
                  std::to_string(report.malformed_lines) +
                  " malformed lines are skipped, this is the first; their ids stay numbers";
  }
}

// The text of one of the files, empty with a note when it is missing.
Result<std::string> load_text(const std::string& root, const std::string& path, std::string& note) {
  Result<std::string> text = read_root_file(root, path, UserDb::kMaxFileBytes);
  if (text || text.error().code != std::errc::no_such_file_or_directory) return text;
  note = path + " is missing under " + root + ": its ids stay numbers";
  return std::string();
}

// name:password:uid:GID:...
void take_user(const Line& line, std::vector<GroupLists::User>& users) {
  std::string_view rest = line.rest;
  GroupLists::User user{.uid = line.id, .name = line.name};
  if (parse_id(take_field(rest), user.primary_gid)) users.push_back(user);
}

// name:password:gid:USER,USER...
void take_members(const Line& line, std::vector<GroupLists::Member>& members) {
  std::string_view rest = line.rest;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (comma != 0) members.push_back({rest.substr(0, comma), line.id});
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
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
  std::string users_note;
  std::string groups_note;
  const Result<std::string> passwd = load_text(root, kPasswd, users_note);
  if (!passwd) return Unexpected<Error>(passwd.error());
  const Result<std::string> group = load_text(root, kGroup, groups_note);
  if (!group) return Unexpected<Error>(group.error());
  UserDb db = parse(*passwd, *group);
  if (!users_note.empty()) db.users_report_.note = std::move(users_note);
  if (!groups_note.empty()) db.groups_report_.note = std::move(groups_note);
  return db;
}

UserDb UserDb::parse(std::string_view passwd, std::string_view group) {
  UserDb db;
  db.users_report_.path = kPasswd;
  db.groups_report_.path = kGroup;
  std::vector<GroupLists::User> users;
  std::vector<GroupLists::Member> members;
  read_lines(passwd, db.users_, db.users_report_,
             [&](const Line& line) { take_user(line, users); });
  read_lines(group, db.groups_, db.groups_report_,
             [&](const Line& line) { take_members(line, members); });
  db.group_lists_ = GroupLists(std::move(users), std::move(members), kMaxGroupsOfUser);
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

std::span<const std::uint32_t> UserDb::groups_of(std::uint32_t uid) const noexcept {
  return group_lists_.of(uid);
}

}  // namespace sorrel::host
