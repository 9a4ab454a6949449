#include "config/text.h"

#include <algorithm>

#include "config/encoding.h"
#include "config/scalar.h"

namespace sorrel::config {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view punctuation) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_alnum(c) || punctuation.find(c) != std::string_view::npos;
  });
}

std::string found(std::string_view wanted, std::string_view text, std::string_view reason = {}) {
  return "wanted " + std::string(wanted) + ", found " + in_quotes(text) + std::string(reason);
}

constexpr std::string_view kWantedText = "a text of up to 1024 bytes without control characters";
constexpr std::string_view kWantedName =
    "a name of up to 64 letters, digits, '.', '_' and '-', such as audit-json";
constexpr std::string_view kWantedUser = "the name of a user or group such as sorrel";
constexpr std::string_view kWantedNode = "a host's name such as web-1.example.com";
constexpr std::string_view kWantedFile = "the absolute path of a file such as /var/log/audit.log";
constexpr std::string_view kWantedSocket =
    "the absolute path of a socket, at most 107 bytes, such as /run/sorrel.sock";
constexpr std::string_view kWantedDirectory = "the absolute path of a directory such as /srv/state";
constexpr std::string_view kWantedAddress =
    "an address such as logs.example:6514 or [2001:db8::1]:6514";
constexpr std::string_view kWantedType = "the type of a record such as EXECVE or USER_LOGIN";
constexpr std::string_view kWantedOutput =
    "the absolute path of a file such as /var/log/audit.json, or - for standard output";

std::string check_text(std::string_view text) {
  constexpr std::size_t kMaxText = 1024;
  return text.size() <= kMaxText && is_printable(text) ? "" : found(kWantedText, text);
}

std::string check_name(std::string_view text) {
  constexpr std::size_t kMaxName = 64;
  const bool good = !text.empty() && text.size() <= kMaxName && is_alnum(text.front()) &&
                    consists_of(text, "._-");
  return good ? "" : found(kWantedName, text);
}

// Looser than useradd(8): directory services know names such as DOMAIN\user and user@realm.
std::string check_user_name(std::string_view text) {
  constexpr std::size_t kMaxUserName = 255;
  const bool good = !text.empty() && text.size() <= kMaxUserName &&
                    (is_alnum(text.front()) || text.front() == '_') &&
                    consists_of(text, "._-@\\$+");
  return good ? "" : found(kWantedUser, text);
}

// It is written as node=NAME in front of a record, so nothing may end it early.
std::string check_node_name(std::string_view text) {
  constexpr std::size_t kMaxNode = 255;
  const bool good =
      !text.empty() && text.size() <= kMaxNode && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\'' && c != '=';
      });
  return good ? "" : found(kWantedNode, text);
}

bool is_absolute(std::string_view text, std::size_t max_size) {
  return text.starts_with('/') && text.size() <= max_size && is_printable(text);
}

// Ends in a name, not in a slash or in a directory's own entries.
bool names_a_file(std::string_view text) {
  const std::string_view last = text.substr(text.rfind('/') + 1);
  return !last.empty() && last != "." && last != "..";
}

constexpr std::size_t kMaxPath = 4095;   // PATH_MAX without its NUL, linux/limits.h
constexpr std::size_t kMaxSocket = 107;  // sun_path without its NUL, unix(7)

std::string check_file_path(std::string_view text) {
  return is_absolute(text, kMaxPath) && names_a_file(text) ? "" : found(kWantedFile, text);
}

std::string check_socket_path(std::string_view text) {
  return is_absolute(text, kMaxSocket) && names_a_file(text) ? "" : found(kWantedSocket, text);
}

std::string check_directory(std::string_view text) {
  const bool root = text.find_first_not_of('/') == std::string_view::npos;
  return is_absolute(text, kMaxPath) && !root ? "" : found(kWantedDirectory, text);
}

std::string check_output_path(std::string_view text) {
  return text == "-" || check_file_path(text).empty() ? "" : found(kWantedOutput, text);
}

Node list_node() {
  Node node;
  node.type = NodeType::list;
  return node;
}

void read_list(std::vector<std::string>& target, const TextForm& form, const Node& node,
               Report& report) {
  std::vector<std::string> read;
  const auto read_item = [&](const Node& item) {
    if (item.type != NodeType::scalar) {
      report_wrong_type(item, form.wanted, report);
    } else if (const std::string wrong = form.check(item.text); !wrong.empty()) {
      report.add_here(item.at, wrong);
    } else if (std::find(read.begin(), read.end(), item.text) != read.end()) {
      report.add_here(item.at, in_quotes(item.text) + " is given twice");
    } else {
      read.push_back(item.text);
    }
  };
  if (node.type == NodeType::scalar) {
    read_item(node);
  } else if (node.type != NodeType::list) {
    report_wrong_type(node, "a list such as [A, B]", report);
  } else if (node.items.size() > kMaxListItems) {
    report.add_here(node.at, "more than " + std::to_string(kMaxListItems) + " entries");
  } else {
    for (const Node& item : node.items) read_item(item);
  }
  target = std::move(read);
}

void read_text_map(std::map<std::string, std::string>& target, const Node& node, Report& report) {
  if (node.type != NodeType::map && node.type != NodeType::null) {
    report_wrong_type(node, "a map such as {role: web, site: fra1}", report);
    return;
  }
  if (node.entries.size() > kMaxMapEntries) {
    report.add_here(node.at, "more than " + std::to_string(kMaxMapEntries) + " entries");
    return;
  }
  std::map<std::string, std::string> read;
  for (const Entry& entry : node.entries) {
    if (const std::string wrong = check_name(entry.key); !wrong.empty()) {
      report.add_here(entry.at, wrong);
    } else if (entry.value.type != NodeType::scalar) {
      report_wrong_type(entry.value, "a text for " + in_quotes(entry.key), report);
    } else if (const std::string bad = check_text(entry.value.text); !bad.empty()) {
      report.add_here(entry.value.at, bad);
    } else if (!read.emplace(entry.key, entry.value.text).second) {
      report.add_here(entry.at, in_quotes(entry.key) + " is given twice");
    }
  }
  target = std::move(read);
}

void read_flags(const std::vector<Flag>& all, const Node& node, Report& report) {
  std::vector<std::string_view> words;
  for (const Flag& flag : all) words.push_back(flag.word);
  if (node.type != NodeType::list && node.type != NodeType::scalar) {
    report_wrong_type(node, "a list of " + one_of(words), report);
    return;
  }
  for (const Flag& flag : all) *flag.target = false;
  const auto read_item = [&](const Node& item) {
    const auto flag = std::find_if(all.begin(), all.end(), [&](const Flag& known) {
      return item.type == NodeType::scalar && known.word == item.text;
    });
    if (item.type != NodeType::scalar) {
      report_wrong_type(item, one_of(words), report);
    } else if (flag == all.end()) {
      report.add_here(item.at, not_a_word(item.text, words, words));
    } else if (*flag->target) {
      report.add_here(item.at, in_quotes(item.text) + " is given twice");
    } else {
      *flag->target = true;
    }
  };
  if (node.type == NodeType::scalar) read_item(node);
  for (const Node& item : node.items) read_item(item);
}

std::string check_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view port =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  std::uint64_t number = 0;
  const std::string wrong = kWholeNumber.parse(port, number);
  const bool has_port = wrong.empty() && number >= 1 && number <= 65'535;
  const std::string_view host = text.substr(0, std::min(colon, text.size()));
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool has_host = !host.empty() && host.find_first_of(" /@") == std::string_view::npos &&
                        (has_brackets || host.find(':') == std::string_view::npos);
  if (has_port && has_host) return "";
  return "wanted " + std::string(kWantedAddress) + ", found " + in_quotes(text);
}

std::string check_type_name(std::string_view text) {
  const bool is_name =
      !text.empty() && text.size() <= 64 &&
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]") == std::string_view::npos;
  return is_name ? "" : "wanted " + std::string(kWantedType) + ", found " + in_quotes(text);
}

}  // namespace

constinit const TextForm kText = {kWantedText, check_text};
constinit const TextForm kName = {kWantedName, check_name};
constinit const TextForm kUserName = {kWantedUser, check_user_name};
constinit const TextForm kNodeName = {kWantedNode, check_node_name};
constinit const TextForm kFilePath = {kWantedFile, check_file_path};
constinit const TextForm kSocketPath = {kWantedSocket, check_socket_path};
constinit const TextForm kDirectory = {kWantedDirectory, check_directory};
constinit const TextForm kOutputPath = {kWantedOutput, check_output_path};
constinit const TextForm kAddress = {kWantedAddress, check_address};
constinit const TextForm kTypeName = {kWantedType, check_type_name};

Scalar text(std::string& target, const TextForm& form) {
  return {std::string(form.wanted),
          [&target, check = form.check](std::string_view word) {
            std::string wrong = check(word);
            if (wrong.empty()) target = word;
            return wrong;
          },
          [&target]() -> std::optional<std::string> { return target; }};
}

Scalar text_if_any(std::string& target, const TextForm& form) {
  Scalar scalar = text(target, form);
  scalar.print = [&target]() -> std::optional<std::string> {
    return target.empty() ? std::nullopt : std::optional(target);
  };
  return scalar;
}

Scalar text(std::optional<std::string>& target, const TextForm& form) {
  return {std::string(form.wanted),
          [&target, check = form.check](std::string_view word) {
            std::string wrong = check(word);
            if (wrong.empty()) target = word;
            return wrong;
          },
          [&target] { return target; }};
}

Value list(std::vector<std::string>& target, const TextForm& form) {
  Value value;
  value.read = [&target, form](const Node& node, Report& report) {
    read_list(target, form, node, report);
  };
  value.write = [&target]() -> std::optional<Node> {
    Node node = list_node();
    for (const std::string& word : target) node.items.push_back(scalar_node(word));
    return node;
  };
  return value;
}

Value text_map(std::map<std::string, std::string>& target) {
  Value value;
  value.read = [&target](const Node& node, Report& report) { read_text_map(target, node, report); };
  value.write = [&target]() -> std::optional<Node> {
    Node node;
    node.type = NodeType::map;
    for (const auto& [key, word] : target) node.entries.push_back({key, {}, scalar_node(word)});
    return node;
  };
  return value;
}

Value flags(std::vector<Flag> all) {
  Value value;
  value.read = [all](const Node& node, Report& report) { read_flags(all, node, report); };
  value.write = [all]() -> std::optional<Node> {
    Node node = list_node();
    for (const Flag& flag : all) {
      if (*flag.target) node.items.push_back(scalar_node(std::string(flag.word)));
    }
    return node;
  };
  return value;
}

}  // namespace sorrel::config
