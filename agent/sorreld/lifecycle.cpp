#include "sorreld/lifecycle.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "base/fd.h"
namespace sorrel::agent {
namespace {

std::string read_word(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 256> bytes;
  const ssize_t size = fd ? ::read(fd.get(), bytes.data(), bytes.size()) : -1;
  if (size <= 0) return {};
  std::string text(bytes.data(), static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text;
}

std::uint32_t read_number(const std::string& path) {
  const std::string text = read_word(path);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end != text.data() ? number : ~std::uint32_t{0};
}

// The context as auditd has it, without quotes; "unconfined (enforce)" of AppArmor is cut there.
std::string read_subject(const std::string& path) {
  std::string text = read_word(path);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] > ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\'') continue;
    text.resize(i);
    break;
  }
  return text.empty() ? "?" : text;
}

std::string field(std::string_view name, std::uint32_t value) {
  return ' ' + std::string(name) + '=' + std::to_string(value);
}

std::string fields_of(const Actor& actor) {
  return field("auid", actor.auid) + field("uid", actor.uid) + field("ses", actor.session) +
         field("pid", actor.pid) + " subj=" + actor.subject;
}

std::string result(bool success) {
  return success ? " res=success" : " res=failed";
}

}  // namespace

Actor describe_process(const std::string& proc_root, std::uint32_t pid, std::uint32_t uid) {
  const std::string folder = proc_root + '/' + std::to_string(pid);
  return {.auid = read_number(folder + "/loginuid"),
          .uid = uid,
          .session = read_number(folder + "/sessionid"),
          .pid = pid,
          .subject = read_subject(folder + "/attr/current")};
}

std::string daemon_start(const Actor& self, std::string_view version, std::string_view format,
                         std::string_view kernel) {
  return "op=start ver=" + std::string(version) + " format=" + std::string(format) +
         " kernel=" + std::string(kernel) + field("auid", self.auid) + field("pid", self.pid) +
         field("uid", self.uid) + field("ses", self.session) + " subj=" + self.subject +
         result(true);
}

std::string daemon_end(const Actor& sender, bool success) {
  return "op=terminate" + fields_of(sender) + result(success);
}

std::string daemon_config(const Actor& sender, bool success) {
  return std::string("op=reconfigure state=") + (success ? "changed" : "no-change") +
         fields_of(sender) + result(success);
}

std::string daemon_rotate(const Actor& self, std::string_view path) {
  return "op=rotate-logs" + fields_of(self) + " path=" + quoted(path) + result(true);
}

std::string health(const netlink::RegistrationChange& change) {
  return std::string("op=input-mode from=") + netlink::state_name(change.from) +
         " to=" + netlink::state_name(change.to) + field("holder-pid", change.holder_pid) +
         " reason=" + quoted(change.reason);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const bool ends_it = c == '"' || static_cast<unsigned char>(c) < ' ';
    out += ends_it ? '\'' : c;
  }
  return out += '"';
}

}  // namespace sorrel::agent
