#include "ruleset/conditions.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "ruleset/arches.h"

namespace sorrel::ruleset {
namespace {

std::optional<std::uint16_t> read_part(std::string_view text) noexcept {
  std::uint16_t part = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, part);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return part;
}

std::optional<Condition::Kind> read_kind(std::string_view word) noexcept {
  if (word == "arch") return Condition::Kind::arch;
  if (word == "kernel") return Condition::Kind::kernel;
  if (word == "user") return Condition::Kind::user;
  if (word == "path") return Condition::Kind::path;
  return std::nullopt;
}

bool has_user(const Target& target, const std::string& name) {
  return target.users != nullptr ? target.users->user_id(name).has_value() : name == "root";
}

bool kernel_holds(const Condition& condition, const Target& target) {
  const auto order = target.kernel <=> condition.version;
  if (condition.op == ">=") return order >= 0;
  if (condition.op == "<=") return order <= 0;
  if (condition.op == "<") return order < 0;
  if (condition.op == ">") return order > 0;
  return order == 0;
}

Reason wrong(std::string why) {
  return {"directive-invalid", std::move(why),
          "write '#@ if arch|kernel|user|path ...', '#@ else', '#@ end', '#@ users NAME = ...' or "
          "'#@ each NAME'"};
}

}  // namespace

std::optional<KernelVersion> read_kernel_version(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto major = read_part(text.substr(0, dot));
  const auto minor = read_part(text.substr(dot + 1));
  if (!major || !minor) return std::nullopt;
  return KernelVersion{*major, *minor};
}

bool holds(const Condition& condition, const Target& target) {
  const auto matches = [&](const std::string& word) {
    switch (condition.kind) {
      case Condition::Kind::arch:
        return arch_number(word) == target.arch;
      case Condition::Kind::user:
        return has_user(target, word);
      case Condition::Kind::path:
        return target.paths != nullptr && target.paths->kind(word) != PathKind::missing;
      case Condition::Kind::kernel:
        break;
    }
    return false;
  };
  const bool is_true = condition.kind == Condition::Kind::kernel
                           ? kernel_holds(condition, target)
                           : std::ranges::any_of(condition.words, matches);
  return is_true != condition.negated;
}

void Directives::read(const Line& line, Findings& findings) {
  const std::string_view verb = line.words.empty() ? std::string_view{} : line.words[0].text;
  if (verb == "if") return read_if(line, findings);
  if (verb == "users") return read_users(line, findings);
  if (verb == "each") return read_each(line, findings);
  if (verb == "else" || verb == "end") {
    if (blocks_.empty() || (verb == "else" && blocks_.back().has_else)) {
      return findings.error(line.place, wrong("'" + std::string(verb) + "' has no 'if'"));
    }
    if (line.words.size() > 1) {
      return findings.error(line.words[1].place, wrong("'" + std::string(verb) + "' stands alone"));
    }
    if (verb == "end") return blocks_.pop_back();
    blocks_.back().has_else = true;
    blocks_.back().condition.negated = !blocks_.back().condition.negated;
    return;
  }
  // Somebody else's comments may begin so.
  findings.warning(line.place, wrong("there is no directive '" + std::string(verb) + "'"));
}

void Directives::read_if(const Line& line, Findings& findings) {
  Block block{{}, line.place, false};
  Condition& condition = block.condition;
  std::size_t at = 1;
  if (at < line.words.size() && line.words[at].text == "not") {
    condition.negated = true;
    ++at;
  }
  const std::optional<Condition::Kind> kind =
      at < line.words.size() ? read_kind(line.words[at].text) : std::nullopt;
  bool is_valid = kind.has_value() && at + 1 < line.words.size();
  if (is_valid) condition.kind = *kind;
  for (std::size_t i = at + 1; i < line.words.size(); ++i)
    condition.words.push_back(line.words[i].text);
  if (is_valid && condition.kind == Condition::Kind::kernel) {
    constexpr std::string_view kOps[] = {"<", "<=", "=", ">=", ">"};
    const auto version =
        condition.words.size() == 2 ? read_kernel_version(condition.words[1]) : std::nullopt;
    is_valid = version && std::ranges::find(kOps, condition.words[0]) != std::end(kOps);
    if (is_valid) {
      condition.op = condition.words[0];
      condition.version = *version;
    }
  }
  if (is_valid && condition.kind == Condition::Kind::arch) {
    for (std::size_t i = at + 1; i < line.words.size(); ++i) {
      if (arch_number(line.words[i].text)) continue;
      findings.error(line.words[i].place,
                     {"arch-unknown", "there is no architecture '" + line.words[i].text + "'",
                      "give a machine's name as x86_64 or aarch64"});
    }
  }
  if (!is_valid) findings.error(line.place, wrong("the condition cannot be read"));
  if (blocks_.size() >= kMaxDepth)
    return findings.error(line.place, wrong("too many 'if' within each other"));
  blocks_.push_back(std::move(block));  // also a wrong one: its 'end' follows
}

void Directives::read_users(const Line& line, Findings& findings) {
  if (line.words.size() < 4 || line.words[2].text != "=") {
    return findings.error(line.place, wrong("a list needs a name, '=' and users"));
  }
  if (lists_.size() >= kMaxLists) return findings.error(line.place, wrong("too many lists"));
  std::vector<std::string> names;
  for (std::size_t i = 3; i < line.words.size(); ++i) names.push_back(line.words[i].text);
  std::erase_if(lists_, [&](const auto& list) { return list.first == line.words[1].text; });
  lists_.emplace_back(line.words[1].text, std::move(names));
}

void Directives::read_each(const Line& line, Findings& findings) {
  const std::string name = line.words.size() == 2 ? line.words[1].text : "";
  const auto found =
      std::ranges::find_if(lists_, [&](const auto& list) { return list.first == name; });
  if (found == lists_.end()) {
    return findings.error(line.place, wrong("there is no list of users '" + name + "' above"));
  }
  each_ = found->second;
}

void Directives::finish(Findings& findings) const {
  for (const Block& block : blocks_) findings.error(block.place, wrong("the 'if' has no 'end'"));
}

std::vector<Condition> Directives::conditions() const {
  std::vector<Condition> all;
  for (const Block& block : blocks_) all.push_back(block.condition);
  return all;
}

std::vector<std::string> Directives::take_each() {
  return std::exchange(each_, {});
}

}  // namespace sorrel::ruleset
