#include "sorreld/lifecycle.h"

#include <unistd.h>

#include <fstream>

namespace sorrel::agent {
namespace {

std::string own_number(const char* path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text.empty() ? "4294967295" : text;  // "unset"
}

// "auid=... pid=... uid=... ses=... subj=unconfined": of ourselves, or of who sent the signal.
std::string subject(const std::optional<Actor>& actor) {
  const std::uint32_t pid = actor ? actor->pid : static_cast<std::uint32_t>(::getpid());
  const std::uint32_t uid = actor ? actor->uid : static_cast<std::uint32_t>(::getuid());
  const std::string folder = "/proc/" + std::to_string(pid);
  std::string context = own_number((folder + "/attr/current").c_str());
  while (!context.empty() && (context.back() == '\0' || context.back() == '\n')) context.pop_back();
  if (context.empty() || context == "4294967295") context = "unconfined";
  return "auid=" + own_number((folder + "/loginuid").c_str()) + " pid=" + std::to_string(pid) +
         " uid=" + std::to_string(uid) + " ses=" + own_number((folder + "/sessionid").c_str()) +
         " subj=" + context;
}

}  // namespace

std::string daemon_start_body(const std::string& kernel, const std::string& formats) {
  return "op=start ver=" SORREL_VERSION " format=" + formats + " kernel=" + kernel + ' ' +
         subject(std::nullopt) + " res=success";
}

std::string daemon_end_body(const std::optional<Actor>& actor) {
  return "op=terminate " + subject(actor) + " res=success";
}

std::string daemon_config_body(const std::optional<Actor>& actor, bool changed) {
  return "op=reconfigure state=" + std::string(changed ? "changed" : "failed") + ' ' +
         subject(actor) + " res=" + (changed ? "success" : "failed");
}

}  // namespace sorrel::agent
